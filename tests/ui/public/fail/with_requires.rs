use kinde_perms::{public, requires};

#[public(reason = "health check")]
#[requires(authenticated)]
async fn handler() {}

fn main() {}

use kinde_perms::{Claims, public};

#[public(reason = "health check")]
async fn handler(_claims: Claims) {}

fn main() {}

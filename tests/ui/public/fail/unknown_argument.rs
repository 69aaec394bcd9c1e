use kinde_perms::public;

#[public(reasn = "health check")]
async fn handler() {}

fn main() {}

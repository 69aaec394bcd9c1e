use kinde_perms::public;

#[public(reason = "health check", reason = "again")]
async fn handler() {}

fn main() {}

use kinde_perms::public;

#[public(reason = "health check")]
#[public(reason = "again")]
async fn handler() {}

fn main() {}

use kinde_perms::public;

#[public("health check")]
async fn handler() {}

fn main() {}

use kinde_perms::public;

#[public(reason = "health check")]
fn handler() {}

fn main() {}

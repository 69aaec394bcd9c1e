use kinde_perms::public;

#[public(reason = "health check")]
const LIMIT: u32 = 5;

fn main() {}

use kinde_perms::public;

#[public(reason = " ")]
async fn handler() {}

fn main() {}

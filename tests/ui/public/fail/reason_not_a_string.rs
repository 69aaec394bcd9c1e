use kinde_perms::public;

#[public(reason = 5)]
async fn handler() {}

fn main() {}

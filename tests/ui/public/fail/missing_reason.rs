use kinde_perms::public;

#[public]
async fn handler() {}

fn main() {}

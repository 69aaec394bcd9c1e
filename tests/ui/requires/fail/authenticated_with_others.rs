use kinde_perms::requires;

#[requires(authenticated, permissions = ["a"])]
async fn handler() {}

fn main() {}

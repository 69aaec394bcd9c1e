use kinde_perms::requires;

#[requires(any(permissions = ["a"]))]
async fn handler() {}

fn main() {}

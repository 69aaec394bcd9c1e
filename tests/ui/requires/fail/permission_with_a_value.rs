use kinde_perms::requires;

#[requires(permissions = ["a" = true])]
async fn handler() {}

fn main() {}

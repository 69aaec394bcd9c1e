use kinde_perms::requires;

#[requires(any(all(permissions = ["a"]), roles = ["b"]))]
async fn handler() {}

fn main() {}

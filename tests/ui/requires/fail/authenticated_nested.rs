use kinde_perms::requires;

#[requires(any(authenticated, roles = ["a"]), not(authenticated))]
async fn handler() {}

fn main() {}

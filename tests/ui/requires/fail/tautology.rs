use kinde_perms::requires;

#[requires(any(principal = user, principal = machine))]
async fn anybody() {}

fn main() {}

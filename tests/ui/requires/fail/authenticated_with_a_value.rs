use kinde_perms::requires;

#[requires(authenticated = true)]
async fn handler() {}

fn main() {}

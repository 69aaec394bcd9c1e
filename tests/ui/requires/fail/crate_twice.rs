use kinde_perms::requires;

#[requires(authenticated, crate = kinde_perms, crate = kinde_perms)]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

#[requires(permissions = , roles =)]
async fn handler() {}

fn main() {}

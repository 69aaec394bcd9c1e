use kinde_perms::requires;

#[requires(authenticated, crate = "kinde")]
async fn handler() {}

fn main() {}

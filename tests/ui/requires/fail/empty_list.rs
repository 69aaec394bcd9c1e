use kinde_perms::requires;

#[requires(permissions = [])]
async fn handler() {}

fn main() {}

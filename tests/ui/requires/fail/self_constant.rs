use kinde_perms::requires;

#[requires(permissions = [Self::CREATE])]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

const LIMIT: u32 = 5;

#[requires(permissions = [LIMIT])]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

#[requires("create:todos", keys::CREATE)]
async fn handler() {}

fn main() {}

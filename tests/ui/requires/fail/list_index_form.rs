use kinde_perms::requires;

#[requires(permissions["create:todos"])]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

#[requires(permissions = [5, 'a', b"bytes", create:todos, format!("a")])]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

#[requires(authenticated)]
#[requires(permissions = ["a"])]
async fn handler() {}

fn main() {}

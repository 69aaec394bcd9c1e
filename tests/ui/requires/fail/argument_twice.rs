use kinde_perms::requires;

#[requires(permissions = ["a"], permissions = ["b"], org = "a", org = "b", principal = user, principal = user)]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

#[requires(permissions = ["a"] || roles = ["b"])]
#[requires(permissions = ["a"] && roles = ["b"])]
#[requires(!permissions = ["a"])]
#[requires(permissions == ["a"], roles: ["b"])]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

const ADMIN: &str = "admin";

#[requires(permissions = ["a", "b", "a"], roles = [ADMIN, ADMIN], feature_flags = ["x" = 1, "x" = 1])]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

#[requires(permissions = "create:todos", roles = ADMIN, scopes("a"), feature_flags)]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

#[requires(permissions = ["a"])]
#[kinde_perms::requires(roles = [])]
#[requires]
async fn handler() {}

fn main() {}

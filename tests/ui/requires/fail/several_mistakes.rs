use kinde_perms::requires;

#[requires(permission = ["a"], roles = [], any(scopes = ["b"]))]
#[requires(org = 5)]
async fn handler() {}

fn main() {}

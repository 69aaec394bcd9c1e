use kinde_perms::requires;

#[requires(permission = ["create:todos"])]
#[requires(role = ["admin"], perms = ["a"])]
#[requires(scope = ["openid"], flag = ["beta"])]
#[requires(machine, or(roles = ["a"], roles = ["b"]))]
#[requires(check = owns_todo, live, billing = ["Pro"])]
async fn handler() {}

fn main() {}

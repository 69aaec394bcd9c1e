use kinde_perms::requires;

#[requires(authenticated)]
#[kinde_perms::public(reason = "health check")]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

#[requires(authenticated)]
fn handler() {}

fn main() {}

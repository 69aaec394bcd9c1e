use kinde_perms::requires;

use kinde_perms::requires as guard;

#[requires(permissions = ["a"])]
#[guard(permissions = ["b"])]
async fn handler() {}

fn main() {}

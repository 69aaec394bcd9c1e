use kinde_perms::requires;

#[requires(permissions = ["", "create todos", "naïve"], roles = ["a\"b"], org = "a\tb")]
async fn handler() {}

fn main() {}

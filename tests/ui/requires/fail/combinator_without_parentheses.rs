use kinde_perms::requires;

#[requires(any = ["a", "b"], not)]
async fn handler() {}

fn main() {}

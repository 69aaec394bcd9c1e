use kinde_perms::requires;

#[requires(any(), not(), all())]
async fn handler() {}

fn main() {}

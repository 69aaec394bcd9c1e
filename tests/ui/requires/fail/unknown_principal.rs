use kinde_perms::requires;

#[requires(principal = "machine")]
#[requires(principal = users)]
#[requires(principal = robot)]
async fn handler() {}

fn main() {}

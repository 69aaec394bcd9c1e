use kinde_perms::requires;

#[requires()]
async fn handler() {}

fn main() {}

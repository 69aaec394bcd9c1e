use kinde_perms::requires;

#[requires(org = ["org_1", "org_2"])]
async fn handler() {}

fn main() {}

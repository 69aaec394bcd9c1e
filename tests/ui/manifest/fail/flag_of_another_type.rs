use kinde_perms::requires;

#[requires(feature_flags = ["seats" = "5", "beta" = true])]
async fn handler() {}

fn main() {}

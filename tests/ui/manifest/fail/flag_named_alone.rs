use kinde_perms::requires;

#[requires(feature_flags = ["seats", "beta"], not(feature_flags = ["theme"]))]
async fn handler() {}

fn main() {}

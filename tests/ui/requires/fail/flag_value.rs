use kinde_perms::requires;

#[requires(feature_flags = ["a" = 1.5, "b" = LIMIT, "c" = 5u8, "d" = 99999999999999999999])]
async fn handler() {}

fn main() {}

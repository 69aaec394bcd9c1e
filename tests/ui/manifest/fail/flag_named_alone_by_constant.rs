use kinde_perms::requires;

mod kinde {
    kinde_perms::manifest!();
}

#[requires(feature_flags = [kinde::feature_flags::THEME, kinde::feature_flags::BETA])]
async fn alone() {}

#[requires(feature_flags = [kinde::feature_flags::THEME = 5])]
async fn compared() {}

fn main() {}

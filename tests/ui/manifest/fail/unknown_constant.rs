use kinde_perms::requires;

mod kinde {
    kinde_perms::manifest!();
}

#[requires(permissions = [kinde::permissions::CREATE_TODO])]
async fn handler() {}

fn main() {}

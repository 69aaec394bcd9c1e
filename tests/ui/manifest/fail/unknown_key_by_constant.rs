use kinde_perms::requires;

mod kinde {
    kinde_perms::manifest!();
}

mod keys {
    pub(crate) const CREATE: &str = "create:todo";
}

#[requires(permissions = [keys::CREATE, kinde::permissions::READ_TODOS], roles = [kinde::permissions::READ_TODOS])]
async fn handler() {}

fn main() {}

use kinde_perms::requires;

mod keys {
    pub const CREATE: &str = "create:todos";
}

#[requires(permissions = [keys::CREATE, keys::CRATE])]
async fn handler() {}

fn main() {}

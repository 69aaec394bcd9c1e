use kinde_perms::requires;

mod keys {
    pub const CREATE: &str = "create todos";
    pub const DELETE: &str = "";
}

#[requires(permissions = [keys::CREATE, keys::DELETE])]
async fn handler() {}

fn main() {}

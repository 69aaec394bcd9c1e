use kinde_perms::{requirement, requires};

#[requires(permissions = ["create:todo"])]
async fn create() {}

#[requires(roles = ["editor", "publisher"], not(feature_flags = ["betta"]))]
async fn several() {}

fn main() {
    let _ = requirement!(any(roles = ["read:todos"], permissions = ["read:todos"]));
}

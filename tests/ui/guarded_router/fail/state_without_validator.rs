use kinde_perms::routing::get;
use kinde_perms::{GuardedRouter, requires};

#[requires(permissions = ["read:todos"])]
async fn list_todos() {}

fn main() {
    let _: GuardedRouter = GuardedRouter::new().route("/todos", get(list_todos));
}

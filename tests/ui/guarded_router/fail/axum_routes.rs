use axum::Router;
use kinde_perms::{GuardedRouter, Validator, requires};

#[requires(permissions = ["read:todos"])]
async fn list_todos() {}

fn main() {
    let _: GuardedRouter<Validator> =
        GuardedRouter::new().route("/todos", axum::routing::get(list_todos)).merge(Router::new());
}

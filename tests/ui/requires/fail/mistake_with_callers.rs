use axum::Router;
use axum::routing::get;
use kinde_perms::{Validator, requires};

#[requires(permission = ["read:todos"])]
async fn handler() {}

fn main() {
    let _: Router<Validator> = Router::new().route("/", get(handler));
}

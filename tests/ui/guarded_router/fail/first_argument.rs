use axum::extract::Path;
use kinde_perms::routing::get;
use kinde_perms::{GuardedRouter, Validator};

async fn show_todo(Path(_id): Path<u64>) -> &'static str {
    "{}"
}

fn main() {
    let _: GuardedRouter<Validator> = GuardedRouter::new().route("/todos/{id}", get(show_todo));
}

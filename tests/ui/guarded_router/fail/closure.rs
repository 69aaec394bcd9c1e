use axum::extract::Path;
use kinde_perms::routing::get;
use kinde_perms::{GuardedRouter, Validator};

fn main() {
    let _: GuardedRouter<Validator> = GuardedRouter::new()
        .route("/todos", get(async || "[]"))
        .route("/todos/{id}", get(|Path(id): Path<u64>| async move { id.to_string() }));
}

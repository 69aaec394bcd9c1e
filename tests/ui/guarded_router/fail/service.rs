use axum::Router;
use kinde_perms::{GuardedRouter, Validator};

fn main() {
    let _: GuardedRouter<Validator> = GuardedRouter::new().nest_service("/files", Router::new());
}

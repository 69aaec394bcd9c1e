use axum::extract::{FromRef, State};
use kinde_perms::routing::get;
use kinde_perms::{GuardedRouter, Validator};

#[derive(Clone)]
struct Db;

#[derive(Clone)]
struct App {
    validator: Validator,
    db: Db,
}

impl FromRef<App> for Validator {
    fn from_ref(app: &App) -> Self {
        app.validator.clone()
    }
}

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

async fn list_todos(State(_db): State<Db>) -> &'static str {
    "[]"
}

fn main() {
    let _: GuardedRouter<App> = GuardedRouter::new().route("/todos", get(list_todos));
}

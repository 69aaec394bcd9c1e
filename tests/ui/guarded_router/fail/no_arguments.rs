use kinde_perms::routing::get;
use kinde_perms::{GuardedRouter, Validator};

async fn list_todos() -> &'static str {
    "[]"
}

fn main() {
    let _: GuardedRouter<Validator> = GuardedRouter::new().route("/todos", get(list_todos));
}

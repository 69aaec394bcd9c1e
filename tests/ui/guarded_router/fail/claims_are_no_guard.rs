use kinde_perms::routing::{get, post};
use kinde_perms::{Claims, GuardedRouter, Validator, requires};

#[requires(permissions = ["read:todos"])]
async fn list_todos() {}

async fn create_todo(_claims: Claims, _title: String) {}

fn main() {
    let _: GuardedRouter<Validator> =
        GuardedRouter::new().route("/todos", get(list_todos).post(create_todo)).route("/again", post(create_todo));
}

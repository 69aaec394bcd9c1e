use kinde_perms::routing::get;
use kinde_perms::{GuardedRouter, Validator, handlers, requires};

struct Todos;

#[handlers]
impl Todos {
    #[requires(permissions = ["read:todos"])]
    async fn list() {}

    async fn export(_body: String) {}
}

fn main() {
    let _: GuardedRouter<Validator> =
        GuardedRouter::new().route("/todos", get(Todos::list)).route("/export", get(Todos::export));
}

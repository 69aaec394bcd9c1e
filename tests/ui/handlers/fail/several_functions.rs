use kinde_perms::{handlers, requires};

struct Todos;

#[handlers]
impl Todos {
    #[requires(permission = ["a"])]
    async fn list() {}

    #[requires()]
    async fn create() {}

    #[requires(roles = ["a b"])]
    async fn delete() {}
}

fn main() {}

use kinde_perms::{handlers, requires};

struct Todos;

trait List {
    async fn list();
}

#[handlers]
impl List for Todos {
    #[requires(authenticated)]
    async fn list() {}
}

fn main() {}

use kinde_perms::{handlers, requires};

struct Todos;

#[handlers]
impl Todos {
    #[requires(authenticated)]
    async fn list(&self) {}
}

fn main() {}

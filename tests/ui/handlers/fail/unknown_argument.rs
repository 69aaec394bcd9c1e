use kinde_perms::{handlers, requires};

struct Todos;

#[handlers(crates = kinde_perms)]
impl Todos {
    #[requires(authenticated)]
    async fn list() {}
}

fn main() {}

use kinde_perms::{handlers, requires};

struct Todos;

#[handlers]
impl Todos {
    #[requires(authenticated)]
    async fn list() {}

    #[requires(authenticated)]
    const LIMIT: u32 = 5;
}

fn main() {}

use kinde_perms::handlers;

struct Todos;

#[handlers]
impl Todos {
    async fn list() {}
}

fn main() {}

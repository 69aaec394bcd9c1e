use kinde_perms::requires;

struct Todos;

#[requires(authenticated)]
impl Todos {
    async fn list() {}
}

fn main() {}

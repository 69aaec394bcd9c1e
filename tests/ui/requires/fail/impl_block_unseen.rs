use kinde_perms::requires;


struct Todos;

impl Todos {
    #[requires(authenticated)]
    async fn list() {}
}

fn main() {}

use kinde_perms::requires;


struct Todos;

impl Todos {
    #[requires(authenticated)]
    async fn list(&self) {}
}

fn main() {}

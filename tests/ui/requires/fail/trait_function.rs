use kinde_perms::requires;


trait Todos {
    #[requires(authenticated)]
    async fn list();
}

fn main() {}

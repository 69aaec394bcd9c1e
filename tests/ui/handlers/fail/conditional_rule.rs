use kinde_perms::{handlers, requires};

struct Todos;

#[handlers]
impl Todos {
    #[requires(authenticated)]
    async fn list() {}

    #[cfg_attr(not(miri), requires(permissions = ["create:todos"]))]
    async fn create() {}
}

fn main() {}

use kinde_perms::{handlers, requires};

struct Todos;

#[handlers]
#[requires(authenticated)]
async fn list() {}

fn main() {}

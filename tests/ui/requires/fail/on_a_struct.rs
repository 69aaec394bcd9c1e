use kinde_perms::requires;

#[requires(authenticated)]
struct Todos;

fn main() {}

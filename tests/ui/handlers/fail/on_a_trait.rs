use kinde_perms::handlers;

struct Todos;

#[handlers]
trait List {}

fn main() {}

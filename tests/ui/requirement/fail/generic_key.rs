use kinde_perms::{Requirement, requirement};

fn rule<T: Key>() -> Requirement {
    requirement!(permissions = [T::KEY])
}

trait Key {
    const KEY: &str;
}

fn main() {}

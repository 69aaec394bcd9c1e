use kinde_perms::{Requirement, requirement};

const RULE: Requirement = requirement!(permission = ["a"], roles = []);

fn rule() -> Requirement {
    requirement!(org = 5, any(roles = ["a"]))
}

fn main() {}

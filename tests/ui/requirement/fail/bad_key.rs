use kinde_perms::{Requirement, requirement};

const RULE: Requirement = requirement!(permissions = ["a", ""]);

fn main() {}

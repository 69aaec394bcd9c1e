use kinde_perms::{Requirement, requirement};

const RULE: Requirement = requirement!();

fn main() {}

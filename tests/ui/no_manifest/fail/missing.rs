kinde_perms::manifest!();

fn main() {}

use kinde_perms::{Verdict, check};

#[check]
fn owns() -> Verdict {
    Verdict::Allow
}

fn main() {}

use kinde_perms::{Verdict, check, requirement, requires};

#[check]
async fn owns() -> Verdict {
    Verdict::Allow
}

#[requires(any(roles = ["admin"], check = owns))]
async fn handler() {}

fn main() {
    requirement!(check = owns);
}

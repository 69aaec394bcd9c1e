use kinde_perms::{Verdict, requires};

async fn owns() -> Verdict {
    Verdict::Allow
}

#[requires(check = owns)]
async fn handler() {}

fn main() {}

use kinde_perms::{Verdict, check, requires};

#[check]
async fn owns() -> Verdict {
    Verdict::Allow
}

#[requires(check = "owns")]
async fn text() {}

#[requires(check = owns, check = owns)]
async fn twice() {}

fn main() {}

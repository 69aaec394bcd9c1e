use kinde_perms::{Validator, Verdict, check, requires};

#[check]
async fn owns() -> Verdict {
    Verdict::Allow
}

#[requires(check = owns)]
async fn handler() {}

async fn call(validator: Validator) {
    handler(validator.grant("token").await.unwrap()).await;
}

fn main() {
    let _ = call;
}

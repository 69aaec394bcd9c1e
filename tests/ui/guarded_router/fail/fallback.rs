use kinde_perms::{GuardedRouter, Validator};

async fn unknown_path() -> &'static str {
    "nothing here"
}

fn main() {
    let _: GuardedRouter<Validator> =
        GuardedRouter::new().fallback(unknown_path).method_not_allowed_fallback(unknown_path);
}

use kinde_perms::routing::get;
use kinde_perms::{GuardedRouter, Validator};

fn main() {
    let _: GuardedRouter<Validator> = GuardedRouter::new().route("/", get("hello"));
}

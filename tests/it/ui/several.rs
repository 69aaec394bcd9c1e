//! Several attributes are one rule, whatever they are called by; those of other crates are left alone.
#![deny(warnings)]

use axum::Router;
use axum::routing::get;
use kinde_perms::{Validator, requires};

#[requires(permissions = ["a"])]
#[kinde_perms::requires(roles = ["admin"])]
#[::kinde_perms::requires(any(org = "org_1", org = "org_2"))]
#[requires(permissions = ["b"])]
async fn handler() {}

pub(crate) fn main() {
    let _: Router<Validator> = Router::new().route("/", get(handler));
}

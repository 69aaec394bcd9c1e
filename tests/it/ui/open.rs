//! Public handlers: any signature, and optional claims.
#![deny(warnings)]

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use kinde_perms::{Claims, Validator, public};

#[public(reason = "load balancers send no token")]
async fn health() -> &'static str {
    "ok"
}

#[kinde_perms::public(reason = "the list is shorter for visitors")]
pub(crate) async fn list(_claims: Option<Claims>, _request: Request) {}

mod other {
    #[derive(Clone, Copy)]
    pub(crate) struct Claims;
}

#[public(reason = "claims of another crate")]
async fn others(_: axum::Extension<other::Claims>) {}

pub(crate) fn main() {
    let _: Router<Validator> = Router::new().route("/", get(health).post(list).put(others));
}

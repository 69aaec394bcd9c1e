use std::future::{Ready, ready};

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use kinde_perms::routing::get;
use kinde_perms::{Guard, GuardedRouter, Validator, requires};

#[requires(permissions = ["delete:todos"])]
async fn delete_todo() {}

/// Says that it takes the guard of another handler, and never asks it.
#[derive(Clone)]
struct Fake;

impl<S> Handler<((), Guard<__kinde_perms_guard_delete_todo>), S> for Fake {
    type Future = Ready<Response>;

    fn call(self, _: Request, _: S) -> Self::Future {
        ready("served".into_response())
    }
}

fn main() {
    let _: GuardedRouter<Validator> = GuardedRouter::new().route("/todos", get(Fake));
}

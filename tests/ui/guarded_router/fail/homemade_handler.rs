use std::future::{Ready, ready};

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use kinde_perms::routing::get;
use kinde_perms::{Guard, GuardedRouter, Validator, requires};

#[requires(permissions = ["delete:todos"])]
async fn delete_todo() {}

type DeleteTodo = Guard<__kinde_perms_guard_delete_todo>;

/// Says that it takes the guard of another handler, and never asks it.
#[derive(Clone)]
struct Fake;

impl<S> Handler<((), DeleteTodo), S> for Fake {
    type Future = Ready<Response>;

    fn call(self, _: Request, _: S) -> Self::Future {
        ready("served".into_response())
    }
}

enum Here {}

#[derive(Clone)]
struct NoValidator;

/// A function that Axum itself does not take with this state, by a handler that does not call it.
impl Handler<(Here, DeleteTodo), NoValidator> for fn(DeleteTodo) -> Ready<()> {
    type Future = Ready<Response>;

    fn call(self, _: Request, _: NoValidator) -> Self::Future {
        ready("served".into_response())
    }
}

fn main() {
    let _: GuardedRouter<Validator> = GuardedRouter::new().route("/todos", get(Fake));
    let function: fn(DeleteTodo) -> Ready<()> = |_| ready(());
    let _: GuardedRouter<NoValidator> =
        GuardedRouter::new().route("/todos", get::<_, (Here, DeleteTodo), _>(function));
}

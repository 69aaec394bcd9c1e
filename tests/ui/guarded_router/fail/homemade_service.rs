use std::future::{Ready, ready};

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use kinde_perms::routing::{AsHandler, Declaration, DeclaredService, GuardedService, guarded_service};
use kinde_perms::{GuardedRouter, Validator, requirement};

/// Says that it is guarded, and is not.
#[derive(Clone)]
struct Fake;

impl<S> Handler<AsHandler, S> for Fake {
    type Future = Ready<Response>;

    fn call(self, _: Request, _: S) -> Self::Future {
        ready("served".into_response())
    }
}

impl DeclaredService<Validator> for Fake {
    fn declaration(&self) -> Declaration {
        DeclaredService::<Validator>::declaration(&guarded_service(requirement!(authenticated), self.clone()))
    }

    fn nested(self) -> Self {
        self
    }
}

#[derive(Clone)]
struct NoValidator;

/// Our own service with a state that has no validator, by a handler that asks for none.
impl Handler<AsHandler, NoValidator> for GuardedService<Fake> {
    type Future = Ready<Response>;

    fn call(self, _: Request, _: NoValidator) -> Self::Future {
        ready("served".into_response())
    }
}

fn main() {
    let _: GuardedRouter<NoValidator> =
        GuardedRouter::new().nest_service("/todos", guarded_service(requirement!(authenticated), Fake));
}

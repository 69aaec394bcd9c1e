#![allow(unreachable_pub, reason = "the case is a module of the integration tests")]
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Router, extract::FromRef};
use kinde_perms::{Claims, Validator, Verdict, check, requires};

#[derive(Clone)]
pub struct Db;

#[derive(Clone, FromRef)]
struct App {
    validator: Validator,
    db: Db,
}

mod rules {
    use super::{Claims, Db, Path, State, Verdict, check};

    #[check]
    pub async fn owns(_claims: Claims, Path(_): Path<u64>, State(_): State<Db>) -> Result<Verdict, std::io::Error> {
        Ok(Verdict::Allow)
    }

    #[check]
    pub async fn always() -> Verdict {
        Verdict::Allow
    }
}

use rules::owns;

#[requires(permissions = ["a"], check = owns, check = rules::always)]
async fn handler() {}

pub(crate) fn main() {
    let _: Router<App> = Router::new().route("/{id}", get(handler));
    let _ = owns;
}

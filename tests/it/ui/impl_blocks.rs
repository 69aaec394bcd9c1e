//! Associated functions of `impl` blocks.
#![deny(warnings, clippy::all, clippy::pedantic)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unnameable_types,
    unused_qualifications
)]
#![deny(
    single_use_lifetimes,
    redundant_lifetimes,
    unused_results,
    let_underscore_drop,
    missing_copy_implementations
)]
#![forbid(unsafe_code, nonstandard_style, unused)]
#![allow(clippy::unused_async, reason = "about the bodies of the cases")]

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use kinde_perms::{Claims, Validator, handlers, public, requires};

const READ: &str = "read:todos";

struct Todos;
struct Lists<T>(T);

#[handlers]
impl Todos {
    const LIMIT: usize = 5;

    #[requires(permissions = [READ])]
    async fn list(claims: Claims, State(_): State<Validator>) -> String {
        format!("{claims:?}{}", Self::LIMIT)
    }

    #[requires(permissions = ["create:todos"])]
    #[requires(roles = ["admin"])]
    pub(crate) async fn create() -> Result<(), String> {
        Self::helper();
        Ok(())
    }

    #[public(reason = "health check")]
    async fn health() {}

    #[cfg(any())]
    #[requires(permissions = [only::AT_TIMES])]
    async fn sometimes() {}

    fn helper() {}
}

#[handlers]
impl Lists<u8> {
    #[requires(authenticated)]
    async fn list() {}
}

#[handlers]
impl Lists<u16> {
    #[requires(authenticated)]
    async fn list() {}
}

#[handlers]
impl<T: Send + 'static> Lists<Vec<T>>
where
    T: Clone,
{
    #[requires(authenticated)]
    async fn list(_: HeaderMap) -> &'static str {
        core::any::type_name::<Self>()
    }
}

pub(crate) fn main() {
    let _router: Router<Validator> = Router::new()
        .route("/todos", get(Todos::list).post(Todos::create))
        .route("/health", get(Todos::health))
        .route("/8", get(Lists::<u8>::list))
        .route("/16", get(Lists::<u16>::list))
        .route("/vec", get(Lists::<Vec<u8>>::list));
    drop((Todos, Lists(String::new()).0));
}

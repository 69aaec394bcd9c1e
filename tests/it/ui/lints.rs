//! The expansion is clean under lints that the user's own code keeps to.
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(unreachable_pub, reason = "the case is a crate, and a module of the integration tests as well")]
#![deny(missing_docs, missing_debug_implementations, unnameable_types, unused_qualifications)]
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
use axum::routing::get;
use kinde_perms::{Claims, Validator, public, requires};

/// A key.
pub(crate) const CREATE: &str = "create:todos";

/// Guarded.
#[requires(permissions = [CREATE, "read:todos"], feature_flags = ["beta", "seats" = -5])]
pub(crate) async fn create(claims: Claims) -> String {
    format!("{claims:?}")
}

#[requires(any(roles = ["admin", "owner"], not(org = "org_1", principal = machine)))]
pub(crate) async fn delete() {}

#[requires(authenticated)]
async fn list() {}

#[public(reason = "load balancers send no token")]
async fn health() {}

mod inner {
    use kinde_perms::requires;

    #[requires(authenticated)]
    pub(super) async fn list() {}
}

/// Seven extractors are what clippy allows.
#[requires(authenticated)]
async fn seven(_: Claims, _: Claims, _: Claims, _: Claims, _: Claims, _: Claims, _: Claims) {}

pub(crate) fn main() {
    #[requires(authenticated)]
    async fn nested() {}

    let _router: Router<Validator> = Router::new()
        .route("/create", get(create))
        .route("/delete", get(delete))
        .route("/list", get(list))
        .route("/health", get(health))
        .route("/inner", get(inner::list))
        .route("/seven", get(seven))
        .route("/nested", get(nested));
}

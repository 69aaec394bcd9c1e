//! This crate.

use std::path::Path;

use axum::Router;
use axum::routing::get;
use kinde_perms::{Validator, ValidatorBuilder, requires, cache::CacheConfig};

use crate::fixture::{AUDIENCE, ISSUER, read};

#[requires(permissions = ["create:todos"])]
async fn guarded() -> &'static str {
    "ok"
}

/// A cache far too small for the sent tokens: each token is new and evicts another.
pub fn tiny() -> CacheConfig {
    CacheConfig::new().max_entries(16)
}

pub fn router(folder: &Path, settings: impl FnOnce(ValidatorBuilder) -> ValidatorBuilder) -> Router {
    Router::new().route("/", get(guarded)).with_state(validator(folder, settings))
}

pub fn validator(folder: &Path, settings: impl FnOnce(ValidatorBuilder) -> ValidatorBuilder) -> Validator {
    let builder = settings(Validator::builder(ISSUER, AUDIENCE));
    builder.build_with_static_keys(&read(folder, "keys")).expect("a validator")
}

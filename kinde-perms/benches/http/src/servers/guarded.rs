//! This crate.

use std::path::Path;

use axum::Router;
use axum::routing::get;
use kinde_perms::{CacheConfig, Validator, ValidatorBuilder, requires};

use crate::fixture::{AUDIENCE, ISSUER, read};

#[requires(permissions = ["create:todos"])]
async fn guarded() -> &'static str {
    "ok"
}

/// Far too small for the tokens that are sent: each is new, and takes the place of another one.
pub fn tiny() -> CacheConfig {
    CacheConfig::new().max_entries(16)
}

pub fn router(folder: &Path, settings: impl FnOnce(ValidatorBuilder) -> ValidatorBuilder) -> Router {
    Router::new().route("/", get(guarded)).with_state(validator(folder, settings))
}

pub fn validator(folder: &Path, settings: impl FnOnce(ValidatorBuilder) -> ValidatorBuilder) -> Validator {
    let builder = settings(Validator::builder(ISSUER, AUDIENCE));
    builder.with_static_keys(&read(folder, "keys")).expect("a validator")
}

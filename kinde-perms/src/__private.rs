//! What the output of the macros names, and nothing else; no part of the public interface.

#[cfg(feature = "axum")]
pub use ::axum::{extract::FromRequestParts, response::Response};
#[cfg(feature = "axum")]
pub use http::request::Parts;

#[cfg(feature = "axum")]
pub use crate::axum::{
    Answer, Check, Checks, Declared, Policy, Public, Ran, Source, TokenOnly, extract,
};
pub use crate::policy::{
    FlagLiteral, Leaf, Node, declared, flag_key, manifest_key, org_code, permission_key, role_key, scope_key,
};

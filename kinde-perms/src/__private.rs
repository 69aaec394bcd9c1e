//! What the output of the macros names, and nothing else; no part of the public interface.

#[cfg(feature = "axum")]
pub use crate::axum::{Declared, Policy, Public, Source};
pub use crate::policy::{
    FlagLiteral, Leaf, Node, declared, flag_key, manifest_key, org_code, permission_key, role_key, scope_key,
};

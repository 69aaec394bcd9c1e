//! What the output of the macros names, and what this project's own test vectors need; no part of the public interface.

#[cfg(feature = "testkit")]
mod vectors;

#[cfg(feature = "axum")]
pub use crate::axum::{Declared, Policy, Public, Source};
pub use crate::policy::{
    FlagLiteral, Leaf, Live, Node, entitlement_name, flag_key, org_code, permission_key, role_key, scope_key,
};
#[cfg(feature = "testkit")]
pub use vectors::{PublicKey, verify_jws};

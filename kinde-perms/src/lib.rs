// rustdoc takes the first definition of a link, so `links.md` stands before the README, which links files.
#![doc = include_str!("links.md")]
#![cfg_attr(all(feature = "axum", feature = "macros", feature = "jwks-http"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "axum", feature = "macros", feature = "jwks-http")),
    doc = "Permissions for Rust APIs whose users sign in with Kinde."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod access;
#[cfg(feature = "account-api")]
pub mod account;
pub mod audit;
pub mod claims;
mod edge;
#[cfg(feature = "axum")]
mod extract;
mod json;
mod jwks;
pub mod manual;
mod meter;
pub mod policy;
mod rejection;
#[cfg(feature = "axum")]
pub mod routing;
pub mod time;
mod token;
#[cfg(feature = "tower")]
pub mod tower;
mod validator;

#[doc(hidden)]
pub mod __crates;
#[doc(hidden)]
pub mod __private;

/// The cache of verified tokens: its settings and its figures.
pub mod cache {
    pub use crate::validator::{CacheConfig, CacheStats};
}

/// The settings of a validator, and the errors of wrong ones.
pub mod config {
    pub use crate::validator::{ConfigError, ConfigErrorKind, ValidatorBuilder};
}

/// The issuer's public keys: sources of your own, health and errors.
pub mod keys {
    pub use crate::jwks::{Fetched, Fetching, Health, KeyError, KeySource};
}

#[cfg(feature = "account-api")]
pub use self::account::{Account, LiveError};
pub use self::claims::Claims;
pub use self::edge::RequestHead;
#[cfg(feature = "axum")]
pub use self::extract::{Guard, GuardRejection, HasValidator, Verdict};
pub use self::jwks::KeyError;
#[cfg(feature = "account-api")]
#[doc(inline)]
pub use self::policy::LiveRequirement;
#[doc(inline)]
pub use self::policy::{Decision, Denied, Manifest, Principal, Requirement, Rule};
pub use self::rejection::{Reason, Rejection, VerifyError};
#[cfg(feature = "axum")]
pub use self::routing::GuardedRouter;
pub use self::token::{Algorithm, TokenError};
pub use self::validator::{ConfigError, Validator, ValidatorBuilder};

use kinde_perms_policy::printable;

#[cfg(feature = "macros")]
pub use kinde_perms_macros::{check, handlers, manifest, public, requirement, requires};

// rustdoc takes the first definition of a link: those of `links.md` replace the README's, which are paths of files.
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

/// The cache of verified tokens: its configuration and its statistics.
///
/// ```
/// use kinde_perms::{Validator, cache::CacheConfig};
///
/// let builder = Validator::builder("https://example.kinde.com", "api.example.com/v1")
///     .cache(CacheConfig::new().max_entries(100_000));
/// # let _ = builder;
/// ```
pub mod cache {
    pub use crate::validator::{CacheConfig, CacheStats};
}

/// The builder of a validator, and the errors of its settings.
///
/// ```
/// use kinde_perms::{Validator, config::ConfigErrorKind};
///
/// let builder = Validator::builder("http://example.kinde.com", "api.example.com/v1");
/// let error = builder.connect_lazily().unwrap_err();
/// assert_eq!(error.kind(), &ConfigErrorKind::InsecureUrl);
/// ```
pub mod config {
    pub use crate::validator::{ConfigError, ConfigErrorKind, ValidatorBuilder};
}

/// The issuer's public keys: their health, their errors, and sources of your own.
///
/// ```
/// use kinde_perms::{Validator, keys::Health};
///
/// fn is_ready(validator: &Validator) -> bool {
///     let health: Health = validator.health();
///     health.is_usable()
/// }
/// ```
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

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
mod account;
mod audit;
mod claims;
mod config;
mod edge;
mod json;
mod jwks;
mod meter;
mod policy;
mod rejection;
mod time;
mod token;
mod validator;

#[cfg(feature = "axum")]
mod extract;
#[cfg(feature = "axum")]
pub mod routing;
#[cfg(feature = "tower")]
pub mod tower;

#[doc(hidden)]
pub mod __crates;
#[doc(hidden)]
pub mod __private;
pub mod manual;

#[cfg(feature = "account-api")]
pub use self::account::{
    Account, Entitlement, Entitlements, HeldEntitlement, LiveError, LiveErrorKind, LivePermissions,
    LiveRoles, Plan,
};
pub use self::audit::{AuditEvent, AuditVerdict, Observer, TracingObserver};
pub use self::claims::{
    Audience, Claims, FeatureFlag, FeatureFlags, FlagValue, Permission, Permissions, Role, Scopes,
};
pub use self::config::{ConfigError, ConfigErrorKind, ValidatorBuilder};
pub use self::edge::RequestHead;
#[cfg(feature = "axum")]
pub use self::extract::{Guard, GuardRejection, HasValidator, Verdict};
pub use self::jwks::{Fetched, Fetching, Health, KeyError, KeySource};
#[cfg(feature = "account-api")]
#[doc(inline)]
pub use self::policy::{AnyRule, LiveRequirement};
#[doc(inline)]
pub use self::policy::{
    ClaimFault, Decision, Denied, Fact, FlagLiteral, KeyFault, Leaf, Literal, Live, Manifest, ManifestEntry,
    ManifestRole, Missing, Principal, Requirement, Rule, RuleError, RuleFault, TokenRule,
};
pub use self::rejection::{Reason, Rejection, VerifyError};
#[cfg(feature = "axum")]
pub use self::routing::GuardedRouter;
pub use self::time::{Clock, Sleep, SystemClock};
pub use self::token::{Algorithm, TokenError};
pub use self::validator::{CacheConfig, CacheStats, Validator};

use kinde_perms_policy::printable;

#[cfg(feature = "macros")]
pub use kinde_perms_macros::{check, handlers, manifest, public, requirement, requires};

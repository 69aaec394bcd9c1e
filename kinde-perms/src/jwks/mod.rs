//! The issuer's public keys: fetched, parsed, refreshed, and kept through an outage of the issuer.

pub(crate) mod document;
mod error;
mod health;
#[cfg(feature = "jwks-http")]
mod http;
mod keyring;
mod loopback;
mod race;
mod schedule;
mod source;
#[cfg(test)]
pub(crate) mod testing;

pub use error::KeyError;
pub use health::Health;
#[cfg(feature = "jwks-http")]
pub(crate) use http::HttpSource;
#[cfg(feature = "account-api")]
pub(crate) use http::{FailedRequest, HttpClient};
pub(crate) use keyring::{CurrentKeys, Keyring, Lookup};
pub use loopback::is_loopback;
#[cfg(feature = "account-api")]
pub(crate) use race::{First, race};
pub(crate) use schedule::LookupFailure;
pub use source::{Fetched, Fetching, KeySource};

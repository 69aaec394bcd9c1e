//! The issuer's public keys: read, kept fresh, and never lost to an outage.

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
pub(crate) use http::{Client, Refused};
pub(crate) use keyring::{Current, Keyring, Lookup};
pub use loopback::is_loopback;
#[cfg(feature = "account-api")]
pub(crate) use race::{First, race};
pub(crate) use schedule::Answer;
pub use source::{Fetched, Fetching, KeySource};

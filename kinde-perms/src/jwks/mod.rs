//! The issuer's public keys: read, kept fresh, and never lost to an outage.

pub(crate) mod document;
mod error;
mod source;

pub use error::KeyError;
pub use source::{Fetched, Fetching, KeySource};
mod keyring;
pub use keyring::Health;
pub(crate) use keyring::{Keyring, DEFAULT_MAX_STALE};

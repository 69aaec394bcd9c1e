//! The issuer's public keys: read, kept fresh, and never lost to an outage.

pub(crate) mod document;
mod error;
mod schedule;
mod source;

pub use error::KeyError;
pub use source::{Fetched, Fetching, KeySource};

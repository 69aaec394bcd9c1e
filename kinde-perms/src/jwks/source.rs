//! The trait that fetches the bytes of a key set.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::KeyError;

/// The future that [`KeySource::fetch`] returns.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, KeyError>> + Send + 'a>>;

/// Fetches the issuer's key set.
///
/// The background refresh calls a source for one set at a time and gives up a call after 15 s. A source need not keep the
/// set: the caller keeps the last good one, so a source that fails loses no keys.
pub trait KeySource: fmt::Debug + Send + Sync + 'static {
    /// Fetches the key set as it is now.
    fn fetch(&self) -> Fetching<'_>;
}

/// The bytes of a fetched key set, not yet parsed and not yet trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fetched {
    /// The bytes of a JWK Set (RFC 7517 §5), at most 512 KiB.
    pub body: Vec<u8>,
    /// The lifetime of the set, after which it is fetched again; clamped to 5 min … 24 h.
    pub max_age: Option<Duration>,
    /// The issuer's own spelling of its identifier, if the source knows it. A token's `iss` must equal it.
    pub issuer: Option<String>,
}

impl Fetched {
    /// Creates a key set without a lifetime; it is used for 10 min.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), max_age: None, issuer: None }
    }

    /// Sets the lifetime of the set, after which it is fetched again.
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Sets the issuer's own spelling of its identifier.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }
}

//! Where the bytes of a key set come from.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::KeyError;

/// What [`KeySource::fetch`] returns.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, KeyError>> + Send + 'a>>;

/// Fetches the issuer's key set.
///
/// A source is asked for one set at a time, at the pace the refresh allows, and may take at most 15 s. It keeps nothing
/// of what it fetched: the last good set is kept by its caller, so that a failing source never loses keys.
pub trait KeySource: fmt::Debug + Send + Sync + 'static {
    /// Fetches the key set as it is now.
    fn fetch(&self) -> Fetching<'_>;
}

/// A key set as it was fetched: not yet read, and so not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fetched {
    /// The bytes of a JWK Set (RFC 7517 §5), at most 512 KiB.
    pub body: Vec<u8>,
    /// How long the set may be used before it is fetched again; it is clamped to 5 min … 24 h.
    pub max_age: Option<Duration>,
    /// How the issuer spells its own identifier, if the source learnt it: what a token's `iss` must equal.
    pub issuer: Option<String>,
}

impl Fetched {
    /// Makes a key set without a lifetime, which is then used for 10 min.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), max_age: None, issuer: None }
    }

    /// Sets how long the set may be used before it is fetched again.
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Sets how the issuer spells its own identifier.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }
}

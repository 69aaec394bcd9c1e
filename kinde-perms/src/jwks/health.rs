//! How the keys are doing, for a health endpoint.

use std::time::Duration;

use super::KeyError;

/// How an issuer's keys are doing.
///
/// Keys that grow old while [`Self::last_error`] tells why are still served: an outage of the issuer is noticed here
/// before it is noticed by anyone else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    pub(super) key_count: usize,
    pub(super) age: Option<Duration>,
    pub(super) last_error: Option<KeyError>,
    pub(super) next_refresh: Option<Duration>,
    pub(super) usable: bool,
}

impl Health {
    /// Returns the number of usable keys.
    #[must_use]
    pub fn key_count(&self) -> usize {
        self.key_count
    }

    /// Returns the time since the keys were fetched; none before the first fetch, and for static keys.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.age
    }

    /// Returns why the last fetch failed; none if it succeeded.
    #[must_use]
    pub fn last_error(&self) -> Option<&KeyError> {
        self.last_error.as_ref()
    }

    /// Returns the time until the next fetch is due; none if none will come.
    #[must_use]
    pub fn next_refresh(&self) -> Option<Duration> {
        self.next_refresh
    }

    /// Tells whether tokens can be verified: there are keys, and they are not older than the limit.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.usable
    }
}

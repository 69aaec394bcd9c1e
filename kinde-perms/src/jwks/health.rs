//! The state of the keys, for a health endpoint.

use std::time::Duration;

use super::KeyError;

/// The state of an issuer's keys.
///
/// Keys that could not be refreshed are still used, up to the limit of their age. So an outage of the issuer shows in
/// [`age`](Self::age) and [`last_error`](Self::last_error) before any request fails.
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

    /// Returns the time since the keys were fetched; `None` before the first fetch, and for static keys.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.age
    }

    /// Returns why the last fetch failed; `None` if it succeeded.
    #[must_use]
    pub fn last_error(&self) -> Option<&KeyError> {
        self.last_error.as_ref()
    }

    /// Returns the time until the next fetch is due; `None` if no fetch will come.
    #[must_use]
    pub fn next_refresh(&self) -> Option<Duration> {
        self.next_refresh
    }

    /// Returns `true` if tokens can be verified: there are keys, and they are not older than the limit.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.usable
    }
}

//! Configuration and statistics of the cache.

/// The configuration of the cache of verified tokens, for [`ValidatorBuilder::cache`](crate::ValidatorBuilder::cache).
///
/// A cached token is not verified again while a verification would have the same result. Both limits always hold. The
/// defaults suit a few thousand concurrent users; the [chapter on performance](crate::manual::performance) explains how to
/// find better ones.
///
/// ```
/// use kinde_perms::cache::CacheConfig;
///
/// let cache = CacheConfig::new().max_entries(100_000).max_bytes(300 * 1024 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it does nothing until it is given to a builder"]
pub struct CacheConfig {
    pub(crate) max_entries: usize,
    pub(crate) max_bytes: usize,
    pub(crate) by_digest: bool,
}

impl CacheConfig {
    /// Creates the default configuration: 10 000 tokens, 32 MiB, compared by their text.
    pub const fn new() -> Self {
        Self { max_entries: 10_000, max_bytes: 32 * 1024 * 1024, by_digest: false }
    }

    /// Sets the largest number of cached tokens.
    ///
    /// The table, some 140 bytes per token, is allocated at start-up. A good choice is twice the number of tokens in use at
    /// one time.
    pub const fn max_entries(mut self, most: usize) -> Self {
        self.max_entries = most;
        self
    }

    /// Sets the largest size of the cached tokens and their claims in bytes, estimated from their text.
    pub const fn max_bytes(mut self, most: usize) -> Self {
        self.max_bytes = most;
        self
    }

    /// Keeps the SHA-256 digest of a token instead of the token, so that no bearer token stays in memory.
    ///
    /// Each request then costs a digest of its token, which is most of the cost of a hit.
    pub const fn keyed_by_digest(mut self) -> Self {
        self.by_digest = true;
        self
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// The contents of a cache, and its counters since it was created; see
/// [`Validator::cache_stats`](crate::Validator::cache_stats).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// The number of cached tokens.
    pub entries: usize,
    /// The size of the cached tokens and their claims in bytes, as `max_bytes` counts it.
    pub bytes: usize,
    /// The number of look-ups that found a token, which then was not verified.
    pub hits: u64,
    /// The number of look-ups after which a token was verified, with or without success.
    pub misses: u64,
    /// The number of tokens that were evicted while they were still valid.
    pub evictions: u64,
}

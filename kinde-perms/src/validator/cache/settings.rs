//! What an application chooses about the cache, and what it can watch of it.

/// How verified tokens are remembered, for [`ValidatorBuilder::cache`](crate::ValidatorBuilder::cache).
///
/// A token that is remembered is not verified again as long as a verification would come to the same result. Both
/// bounds hold at the same time. The defaults suit some thousand users at a time in 32 MiB; the
/// [chapter on performance](crate::manual::performance) tells how to find better ones.
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
    /// Returns the defaults: 10 000 tokens, 32 MiB, the tokens themselves kept for comparison.
    pub const fn new() -> Self {
        Self { max_entries: 10_000, max_bytes: 32 * 1024 * 1024, by_digest: false }
    }

    /// Sets how many tokens are remembered at most.
    ///
    /// The table for them, some 140 bytes per token, is allocated at the start. Twice the number of tokens in use at a time
    /// is a good choice.
    pub const fn max_entries(mut self, most: usize) -> Self {
        self.max_entries = most;
        self
    }

    /// Sets how many bytes the remembered tokens and their claims may take, as far as that can be told from their text.
    pub const fn max_bytes(mut self, most: usize) -> Self {
        self.max_bytes = most;
        self
    }

    /// Keeps the SHA-256 digest of a token instead of the token, so that no bearer token stays in memory.
    ///
    /// Each request then costs a digest of its token, which is the greater part of what a hit costs.
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

/// What a cache holds, and what it has done since it was made; see
/// [`Validator::cache_stats`](crate::Validator::cache_stats).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// The tokens that are remembered now.
    pub entries: usize,
    /// The bytes that they and their claims take, as the bound counts them.
    pub bytes: usize,
    /// How often a token did not have to be verified.
    pub hits: u64,
    /// How often a token had to be verified, also where that failed.
    pub misses: u64,
    /// How many tokens had to give way to others while they were still good.
    pub evictions: u64,
}

//! The cache of verified tokens.
//!
//! # Why a hit grants nothing that a verification would refuse
//!
//! A verification is a function of the token's bytes, the key of its `kid`, the issuer's spelling, the time and the
//! validator's settings. The settings never change, and each validator has a cache of its own
//! (`what_one_validator_remembers_means_nothing_to_another`). `store` gets only tokens that passed a whole verification
//! (`failures_are_never_remembered`). Each hit validates the rest:
//!
//! - **The bytes.** The table compares all bytes of the token, or their SHA-256 digest; the hash only selects a slot
//!   (`every_changed_cut_or_added_byte_makes_another_token`, `tokens_of_one_hash_are_told_apart_by_all_of_their_bytes`).
//! - **The key.** The generation of the key that verified the signature must be in the usable key set. A generation
//!   stands for one `kid` with one key material, and is never used again. So a withdrawn or replaced key takes its tokens
//!   with it, even if the key comes back (`a_key_that_is_withdrawn_takes_its_tokens_with_it_also_if_it_comes_back`,
//!   `a_key_that_is_replaced_under_its_id_takes_its_tokens_with_it`). Keys that are too old have no generation
//!   (`keys_that_are_too_old_make_a_remembered_token_unavailable_not_accepted`).
//! - **The issuer.** `iss` must equal the present spelling of the issuer
//!   (`an_issuer_that_changes_its_name_takes_its_tokens_with_it`).
//! - **The time.** `Rules::validate_time` validates `exp`, `nbf` and `iat` at the present time, as in a verification
//!   (`a_token_that_expires_while_it_is_remembered_is_refused_from_that_second_on`,
//!   `a_clock_that_is_set_back_refuses_what_it_would_refuse_without_a_cache`).
//! - **The epoch.** `clear` begins a new epoch. A verification that began before `clear` stores its token under the old
//!   epoch, which no later look-up accepts (`a_token_looked_up_before_the_cache_was_cleared_is_not_recalled`).
//!
//! If one of them does not hold, the token is verified as if it were not cached.
//!
//! # How both limits hold
//!
//! `quick_cache` limits the sum of the weights in each shard of the table. A token weighs its bytes, but at least
//! [`Weights::least`]. That minimum is so large that a shard cannot have more tokens than its part of `max_entries`.

mod settings;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use quick_cache::{Equivalent, Lifecycle, OptionsBuilder, Weighter, sync};

pub use self::settings::{CacheConfig, CacheStats};

use crate::claims::Claims;
use crate::token::{Digest, Keys, Rules};

/// The number of bytes at a token's end that are hashed: 96 bits of the signature.
const TAIL_BYTES: usize = 16;

/// The bytes of a token in the table itself: a slot, and 21 bytes that the table adds to it. Half of the sum comes on top, for
/// the hashes of evicted tokens.
const SLOT_BYTES: usize = (size_of::<(StoredKey, CacheEntry)>() + 21) * 3 / 2;

/// The minimum of a shard: smaller shards fill unevenly and have no room for a large token.
const SHARD_ENTRIES: usize = 512;
const SHARD_BYTES: usize = 1024 * 1024;
const MOST_SHARDS: usize = 64;

/// The minimum size of a token with its claims.
const LEAST_BYTES: usize = 512;

/// The verified tokens of one validator.
pub(super) struct Cache {
    table: CacheTable,
    /// The sum of [`CacheEntry::bytes`]. `store` adds a token before it stores it, and subtracts the removed ones afterwards.
    bytes: AtomicUsize,
    most_bytes: usize,
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
    epoch: AtomicU64,
    by_digest: bool,
}

/// Each cache has a random seed, so an attacker cannot choose tokens that share a shard.
type CacheTable = sync::Cache<StoredKey, CacheEntry, Weights, RandomState, CollectRemoved>;

/// The key of a stored token.
type StoredKey = CacheKey<Box<[u8]>>;

/// A look-up of a token.
pub(super) struct TokenLookup<'t> {
    key: CacheKey<&'t [u8]>,
    epoch: u64,
}

/// The bytes by which tokens are compared: the text, or its digest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CacheKey<T> {
    Text(T),
    Digest(Digest),
}

/// The claims of a verified token, and the key that verified it.
#[derive(Clone)]
pub(super) struct Verified {
    claims: Claims,
    /// The generation of the key.
    generation: u64,
}

/// The input of a verification at one moment, apart from the token.
pub(super) struct VerifyContext<'c> {
    /// The keys; `None` if they are too old.
    pub(super) keys: Option<&'c Keys>,
    /// The issuer that `iss` must equal.
    pub(super) issuer: &'c str,
    pub(super) rules: &'c Rules,
    /// The time in seconds since 1970.
    pub(super) now: u64,
}

/// The value of a stored token.
#[derive(Clone)]
struct CacheEntry {
    verified: Verified,
    epoch: u64,
    bytes: usize,
}

/// The weigher of tokens, which gives each at least the weight `least`.
#[derive(Clone)]
struct Weights {
    least: u64,
}

/// Collects removed tokens, so that they are freed outside of the shard's lock.
#[derive(Clone)]
struct CollectRemoved;

impl Verified {
    pub(super) fn new(claims: Claims, generation: u64) -> Self {
        Self { claims, generation }
    }

    pub(super) fn into_claims(self) -> Claims {
        self.claims
    }

    pub(super) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Returns `true` if the same validator would still accept the same token in this context.
    pub(super) fn holds(&self, context: &VerifyContext<'_>) -> bool {
        context.keys.is_some_and(|keys| keys.has_generation(self.generation))
            && self.claims.issuer() == context.issuer
            && context.rules.validate_time(&self.claims.lifetime(), context.now).is_ok()
    }
}

impl Cache {
    /// Creates an empty cache. `None` never occurs, because `table` sets every option that `quick_cache` requires.
    pub(super) fn new(config: &CacheConfig) -> Option<Self> {
        // No address space is larger, and the sum of two weights cannot overflow.
        let most_bytes = config.max_bytes.min(usize::MAX >> 1);
        Some(Self {
            table: table(config.max_entries, most_bytes)?,
            bytes: AtomicUsize::new(0),
            most_bytes,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evictions: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            by_digest: config.by_digest,
        })
    }

    /// Returns `true` if tokens are compared by their text, not by a digest.
    pub(super) fn compares_text(&self) -> bool {
        !self.by_digest
    }

    /// Creates a look-up of a token.
    pub(super) fn lookup<'t>(&self, token: &'t [u8]) -> TokenLookup<'t> {
        let epoch = self.epoch.load(Ordering::Acquire);
        let key = if self.by_digest { CacheKey::Digest(Digest::of(token)) } else { CacheKey::Text(token) };
        TokenLookup { key, epoch }
    }

    /// Returns the claims of a stored token, if `holds` returns `true` for it.
    pub(super) fn recall(
        &self,
        lookup: &TokenLookup<'_>,
        holds: impl Fn(&Verified) -> bool,
    ) -> Option<Claims> {
        let CacheEntry { verified, epoch, .. } = self.table.get(&lookup.key)?;
        if epoch != lookup.epoch || !holds(&verified) {
            return None;
        }
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(verified.claims)
    }

    /// Counts a token that has to be verified.
    pub(super) fn count_miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    /// Stores a verified token, and counts the valid tokens that it evicts.
    pub(super) fn store(&self, lookup: &TokenLookup<'_>, verified: Verified, context: &VerifyContext<'_>) {
        let entry = CacheEntry::new(lookup, verified);
        self.bytes.fetch_add(entry.bytes, Ordering::Relaxed);
        let mut removed = Vec::new();
        self.table.insert_with_lifecycle(lookup.key.into(), entry, &mut removed);
        // `removed` also has an older entry of the same token, or the token itself if it is too large: no evictions.
        let is_eviction = |(key, entry): &&(StoredKey, CacheEntry)| {
            !lookup.key.equivalent(key) && entry.verified.holds(context)
        };
        let evictions = removed.iter().filter(is_eviction).count();
        self.evictions.fetch_add(u64::try_from(evictions).unwrap_or(u64::MAX), Ordering::Relaxed);
        for (_, entry) in &removed {
            self.subtract_bytes(entry);
        }
    }

    /// Removes all tokens. Later look-ups also ignore those that a running verification is about to store.
    pub(super) fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        for (_, entry) in self.table.drain() {
            self.subtract_bytes(&entry);
        }
    }

    fn subtract_bytes(&self, entry: &CacheEntry) {
        self.bytes.fetch_sub(entry.bytes, Ordering::Relaxed);
    }

    pub(super) fn stats(&self) -> CacheStats {
        CacheStats {
            entries: self.table.len(),
            // While `store` runs, the sum may include evicted tokens. The table itself never exceeds its limit.
            bytes: self.bytes.load(Ordering::Relaxed).min(self.most_bytes),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evictions: self.evictions.load(Ordering::Relaxed),
        }
    }
}

/// Creates a table with both limits. `most_bytes` is at most `usize::MAX / 2`.
fn table(most_entries: usize, most_bytes: usize) -> Option<CacheTable> {
    let entries = most_entries.min(most_bytes / LEAST_BYTES).max(1);
    let shards = (entries / SHARD_ENTRIES).min(most_bytes / SHARD_BYTES).clamp(1, MOST_SHARDS);
    // `quick_cache` takes a power of two.
    let shards = 1_usize.checked_shl(shards.checked_ilog2()?)?;
    let of_shard = |bound: usize| bound.checked_div(shards).and_then(|part| u64::try_from(part).ok());
    let (shard_entries, shard_bytes) = (of_shard(most_entries)?, of_shard(most_bytes)?);
    // `shard_entries + 1` tokens of this weight exceed `shard_bytes`.
    let least = shard_bytes.checked_div(shard_entries.saturating_add(1))?.saturating_add(1);
    let capacity = shard_bytes.saturating_mul(u64::try_from(shards).ok()?);
    let options = OptionsBuilder::new()
        .shards(shards)
        .estimated_items_capacity(entries)
        .weight_capacity(capacity)
        .build()
        .ok()?;
    let table = CacheTable::with_options(options, Weights { least }, RandomState::default(), CollectRemoved);
    // So no request has to enlarge the table.
    table.reserve(entries);
    Some(table)
}

impl CacheEntry {
    fn new(lookup: &TokenLookup<'_>, verified: Verified) -> Self {
        let text = match lookup.key {
            CacheKey::Text(token) => token.len(),
            CacheKey::Digest(_) => 0,
        };
        let bytes = text.saturating_add(verified.claims.footprint()).saturating_add(SLOT_BYTES);
        Self { verified, epoch: lookup.epoch, bytes }
    }
}

impl Weighter<StoredKey, CacheEntry> for Weights {
    fn weight(&self, _: &StoredKey, entry: &CacheEntry) -> u64 {
        u64::try_from(entry.bytes).unwrap_or(u64::MAX >> 1).max(self.least)
    }
}

impl Lifecycle<StoredKey, CacheEntry> for CollectRemoved {
    type RequestState = Vec<(StoredKey, CacheEntry)>;

    fn on_evict(&self, removed: &mut Self::RequestState, key: StoredKey, entry: CacheEntry) {
        removed.push((key, entry));
    }
}

impl<T: AsRef<[u8]>> CacheKey<T> {
    /// Returns the bytes to compare.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_ref(),
            Self::Digest(digest) => digest.as_ref(),
        }
    }
}

impl<T: AsRef<[u8]>> Hash for CacheKey<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let bytes = self.bytes();
        let tail = bytes.len().checked_sub(TAIL_BYTES).and_then(|start| bytes.get(start..));
        state.write(tail.unwrap_or(bytes));
    }
}

/// The keys of one cache are all texts or all digests, so only their bytes are compared.
impl Equivalent<StoredKey> for CacheKey<&[u8]> {
    fn equivalent(&self, key: &StoredKey) -> bool {
        self.bytes() == key.bytes()
    }
}

impl From<CacheKey<&[u8]>> for StoredKey {
    fn from(key: CacheKey<&[u8]>) -> Self {
        match key {
            CacheKey::Text(token) => Self::Text(token.into()),
            CacheKey::Digest(digest) => Self::Digest(digest),
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cache").field(&self.stats()).finish()
    }
}

#[cfg(test)]
mod tests;

//! Verified tokens, remembered.
//!
//! # Why a hit grants nothing that a verification would refuse
//!
//! A verification is a function of the token's bytes, the key of its `kid`, the issuer's spelling, the time and the
//! validator's settings. The settings never change, and each validator has a cache of its own
//! (`what_one_validator_remembers_means_nothing_to_another`). Only a token that passed a whole verification is stored
//! (`failures_are_never_remembered`), and every hit asks for each of the rest:
//!
//! - **The bytes.** The table compares all of them, or the SHA-256 digest of all of them; a hash only tells where to look
//!   (`every_changed_cut_or_added_byte_makes_another_token`, `tokens_of_one_hash_are_told_apart_by_all_of_their_bytes`).
//! - **The key.** The generation that the signature was verified with must be in use in the set that is usable now. A
//!   generation stands for one `kid` with one key material and is never used again. A key that is withdrawn or replaced
//!   takes its tokens with it, also if the key comes back
//!   (`a_key_that_is_withdrawn_takes_its_tokens_with_it_also_if_it_comes_back`,
//!   `a_key_that_is_replaced_under_its_id_takes_its_tokens_with_it`). Keys that are too old have no generation
//!   (`keys_that_are_too_old_make_a_remembered_token_unavailable_not_accepted`).
//! - **The issuer.** `iss` must equal what the issuer calls itself now
//!   (`an_issuer_that_changes_its_name_takes_its_tokens_with_it`).
//! - **The time.** `exp`, `nbf` and `iat` are judged by the clock as it stands, by the function that a verification calls
//!   (`a_token_that_expires_while_it_is_remembered_is_refused_from_that_second_on`,
//!   `a_clock_that_is_set_back_refuses_what_it_would_refuse_without_a_cache`).
//! - **The epoch.** `clear` begins another epoch. A verification that began before it stores its token under the epoch
//!   before, which no later look-up accepts (`a_token_looked_up_before_the_cache_was_cleared_is_not_recalled`).
//!
//! If one of them does not hold, the token is verified like any other.
//!
//! # How both bounds hold
//!
//! The table of `quick_cache` bounds the sum of the weights in each of its shards. A token weighs its bytes, and at least
//! so much that no more tokens of this weight fit than a shard may have ([`Bounds`]). So neither the bytes nor the number
//! of the tokens in a shard can pass its part of the bound.

mod settings;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use quick_cache::{Equivalent, Lifecycle, OptionsBuilder, Weighter, sync};

pub use self::settings::{CacheConfig, CacheStats};

use crate::claims::Claims;
use crate::token::{Digest, Keys, Rules};

/// How much of a token's end is hashed: 96 bits of the signature, which differs from token to token.
const TAIL_BYTES: usize = 16;

/// The bytes that a token takes in the table itself: its slot with the 21 bytes that the table adds, and half a slot for the
/// hash of a token that gave way.
const SLOT_BYTES: usize = (size_of::<(Kept, Remembered)>() + 21) * 3 / 2;

/// Smaller shards would fill unevenly, and have no room for a large token.
const SHARD_ENTRIES: usize = 512;
const SHARD_BYTES: usize = 1024 * 1024;
const MOST_SHARDS: usize = 64;

/// No token and its claims take less.
const LEAST_BYTES: usize = 512;

/// The verified tokens of one validator.
pub(super) struct Cache {
    table: Table,
    /// The sum of [`Remembered::bytes`]; added before a token is stored, and taken off after it is gone.
    bytes: AtomicUsize,
    most_bytes: usize,
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
    epoch: AtomicU64,
    by_digest: bool,
}

/// The seed is random for each cache, so nobody can tell which tokens share a shard.
type Table = sync::Cache<Kept, Remembered, Bounds, RandomState, GiveWay>;

/// By what a token is known in the table.
type Kept = Likeness<Box<[u8]>>;

/// By what a token is looked up.
pub(super) struct Lookup<'t> {
    likeness: Likeness<&'t [u8]>,
    epoch: u64,
}

/// What a token is compared by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness<T> {
    Text(T),
    Digest(Digest),
}

/// A token that was verified, and the key on which that rests.
#[derive(Clone)]
pub(super) struct Verified {
    claims: Claims,
    /// The generation of the key that made the signature.
    generation: u64,
}

/// What a verification would go by at this moment, apart from the token.
pub(super) struct Ground<'g> {
    /// The keys, unless there are none that are fresh enough.
    pub(super) keys: Option<&'g Keys>,
    /// How the issuer is spelt.
    pub(super) issuer: &'g str,
    pub(super) rules: &'g Rules,
    /// The seconds since 1970.
    pub(super) now: u64,
}

/// What the table keeps of a token, beside its [`Kept`].
#[derive(Clone)]
struct Remembered {
    verified: Verified,
    epoch: u64,
    bytes: usize,
}

/// What a token weighs in the table.
#[derive(Clone)]
struct Bounds {
    least: u64,
}

/// Hands over what gives way, so that it is freed without the lock of its shard.
#[derive(Clone)]
struct GiveWay;

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

    /// Returns `true` if a verification on this ground would succeed again, for the same token and the same validator.
    pub(super) fn holds(&self, ground: &Ground<'_>) -> bool {
        ground.keys.is_some_and(|keys| keys.has_generation(self.generation))
            && self.claims.issuer() == ground.issuer
            && ground.rules.validate_time(&self.claims.lifetime(), ground.now).is_ok()
    }
}

impl Cache {
    /// Creates an empty cache; `None` is never the result, as the table lacks no setting.
    pub(super) fn new(config: &CacheConfig) -> Option<Self> {
        // No address space holds more, and the sum of two weights stays in range.
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

    /// Returns `true` if tokens are compared as they are, without a digest.
    pub(super) fn compares_text(&self) -> bool {
        !self.by_digest
    }

    /// Returns by what a token is looked up.
    pub(super) fn lookup<'t>(&self, token: &'t [u8]) -> Lookup<'t> {
        let epoch = self.epoch.load(Ordering::Acquire);
        let likeness =
            if self.by_digest { Likeness::Digest(Digest::of(token)) } else { Likeness::Text(token) };
        Lookup { likeness, epoch }
    }

    /// Returns the claims of a token that was verified, if `holds` says that a verification would accept it.
    pub(super) fn recall(&self, lookup: &Lookup<'_>, holds: impl Fn(&Verified) -> bool) -> Option<Claims> {
        let Remembered { verified, epoch, .. } = self.table.get(&lookup.likeness)?;
        if epoch != lookup.epoch || !holds(&verified) {
            return None;
        }
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(verified.claims)
    }

    /// Notes that a token has to be verified.
    pub(super) fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    /// Remembers a verified token.
    pub(super) fn remember(&self, lookup: &Lookup<'_>, verified: Verified, ground: &Ground<'_>) {
        let remembered = Remembered::new(lookup, verified);
        self.bytes.fetch_add(remembered.bytes, Ordering::Relaxed);
        let mut gone = Vec::new();
        self.table.insert_with_lifecycle(lookup.likeness.into(), remembered, &mut gone);
        // An older entry of the same token is gone, too, and the token itself if it was too large.
        let evicted = |(key, gone): &&(Kept, Remembered)| {
            !lookup.likeness.equivalent(key) && gone.verified.holds(ground)
        };
        let evictions = gone.iter().filter(evicted).count();
        self.evictions.fetch_add(u64::try_from(evictions).unwrap_or(u64::MAX), Ordering::Relaxed);
        for (_, gone) in &gone {
            self.take_off(gone);
        }
    }

    /// Forgets all tokens, also those that are being verified at this moment.
    pub(super) fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        for (_, gone) in self.table.drain() {
            self.take_off(&gone);
        }
    }

    fn take_off(&self, gone: &Remembered) {
        self.bytes.fetch_sub(gone.bytes, Ordering::Relaxed);
    }

    pub(super) fn stats(&self) -> CacheStats {
        CacheStats {
            entries: self.table.len(),
            // While a token is being stored, those that give way to it may be counted still; the table never passes its bound.
            bytes: self.bytes.load(Ordering::Relaxed).min(self.most_bytes),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evictions: self.evictions.load(Ordering::Relaxed),
        }
    }
}

/// Creates a table that keeps both bounds, the second of which must not be above `usize::MAX / 2`.
fn table(most_entries: usize, most_bytes: usize) -> Option<Table> {
    let entries = most_entries.min(most_bytes / LEAST_BYTES).max(1);
    let shards = (entries / SHARD_ENTRIES).min(most_bytes / SHARD_BYTES).clamp(1, MOST_SHARDS);
    // The table takes a power of two.
    let shards = 1_usize.checked_shl(shards.checked_ilog2()?)?;
    let of_shard = |bound: usize| bound.checked_div(shards).and_then(|part| u64::try_from(part).ok());
    let (shard_entries, shard_bytes) = (of_shard(most_entries)?, of_shard(most_bytes)?);
    // One token more than `shard_entries`, each of them as light as can be, would weigh more than `shard_bytes`.
    let least = shard_bytes.checked_div(shard_entries.saturating_add(1))?.saturating_add(1);
    let capacity = shard_bytes.saturating_mul(u64::try_from(shards).ok()?);
    let options = OptionsBuilder::new()
        .shards(shards)
        .estimated_items_capacity(entries)
        .weight_capacity(capacity)
        .build()
        .ok()?;
    let table = Table::with_options(options, Bounds { least }, RandomState::default(), GiveWay);
    // No request has to enlarge the table.
    table.reserve(entries);
    Some(table)
}

impl Remembered {
    fn new(lookup: &Lookup<'_>, verified: Verified) -> Self {
        let text = match lookup.likeness {
            Likeness::Text(token) => token.len(),
            Likeness::Digest(_) => 0,
        };
        let bytes = text.saturating_add(verified.claims.footprint()).saturating_add(SLOT_BYTES);
        Self { verified, epoch: lookup.epoch, bytes }
    }
}

impl Weighter<Kept, Remembered> for Bounds {
    fn weight(&self, _: &Kept, remembered: &Remembered) -> u64 {
        u64::try_from(remembered.bytes).unwrap_or(u64::MAX >> 1).max(self.least)
    }
}

impl Lifecycle<Kept, Remembered> for GiveWay {
    type RequestState = Vec<(Kept, Remembered)>;

    fn on_evict(&self, gone: &mut Self::RequestState, key: Kept, remembered: Remembered) {
        gone.push((key, remembered));
    }
}

impl<T: AsRef<[u8]>> Likeness<T> {
    /// Returns all that is compared.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_ref(),
            Self::Digest(digest) => digest.as_ref(),
        }
    }
}

impl<T: AsRef<[u8]>> Hash for Likeness<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let bytes = self.bytes();
        let tail = bytes.len().checked_sub(TAIL_BYTES).and_then(|start| bytes.get(start..));
        state.write(tail.unwrap_or(bytes));
    }
}

/// A cache looks all of its tokens up by their text, or all of them by their digest.
impl Equivalent<Kept> for Likeness<&[u8]> {
    fn equivalent(&self, key: &Kept) -> bool {
        self.bytes() == key.bytes()
    }
}

impl From<Likeness<&[u8]>> for Kept {
    fn from(likeness: Likeness<&[u8]>) -> Self {
        match likeness {
            Likeness::Text(token) => Self::Text(token.into()),
            Likeness::Digest(digest) => Self::Digest(digest),
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

//! Verified tokens, remembered.
//!
//! # Why a hit grants nothing that a verification would refuse
//!
//! A verification is a function of the token's bytes, the key of its `kid`, the issuer's spelling, the time and the
//! validator's settings. The settings never change, and a validator has its cache for itself. Only what passed a
//! whole verification is stored, and a hit compares or asks again each of the others:
//!
//! - **The bytes.** All of them are compared, or the SHA-256 digest of all of them; the hash only tells where to look.
//! - **The key.** The generation that the signature was verified with must be in use in the set that is usable now. A
//!   generation stands for one `kid` with one key material and is never used again, so a key that is withdrawn or
//!   replaced takes its tokens with it, also if it comes back. Keys that are too old to be used have no generation.
//! - **The issuer.** `iss` must equal what the issuer calls itself now.
//! - Both depend on nothing but the key set, so they are asked once for each set that was stored; that the set is not
//!   too old is asked each time.
//! - **The time.** `exp`, `nbf` and `iat` are judged by the clock as it stands, by the very function that verification
//!   calls; a clock that was set back therefore refuses what it would refuse without a cache.
//!
//! Whatever does not hold makes a miss, and the token is verified like any other. Failures are never stored.

mod flight;
mod lanes;
mod settings;
mod table;

use std::fmt;
use std::hash::BuildHasher;
use std::num::NonZeroU64;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;

pub use self::settings::{CacheConfig, CacheStats};

use self::flight::{Flight, Flights};
use self::lanes::{Count, Counters};
use self::table::{Entry, Table};
use crate::claims::{Claims, Lifetime};
use crate::token::{Digest, Keys, Rules};

/// How much of a token's end is hashed: 96 bits of the signature, which differs from token to token.
const TAIL_BYTES: usize = 16;

/// The verified tokens of one validator.
pub(super) struct Cache {
    table: Table<Remembered>,
    flights: Flights,
    counters: Counters,
    /// Random for each cache, so that nobody can tell which tokens share a set.
    seed: RandomState,
    /// Grows when the cache is cleared, so that a verification under way then does not store what it found.
    epoch: AtomicU64,
    by_digest: bool,
}

/// What a token is looked up by.
pub(super) struct Lookup<'t> {
    hash: u64,
    likeness: Likeness<&'t [u8]>,
    epoch: u64,
}

/// What a token is compared by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness<T> {
    Text(T),
    Digest(Digest),
}

/// A token that was verified, and what that rests on.
pub(super) struct Verified {
    claims: Claims,
    /// The generation of the key that made the signature.
    generation: u64,
    /// That of the claims, close at hand: it is looked at for every hit, and before an entry gives way.
    lifetime: Lifetime,
    /// The revision of the key set by which key and issuer were found good last, 0 for none.
    judged_by: AtomicU64,
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

impl Verified {
    pub(super) fn new(claims: Claims, generation: u64) -> Self {
        Self { lifetime: claims.lifetime(), claims, generation, judged_by: AtomicU64::new(0) }
    }

    pub(super) fn into_claims(self) -> Claims {
        self.claims
    }

    pub(super) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Tells whether a verification at this moment would succeed again, for the same token and the same validator.
    ///
    /// `issuer` is that of the claims, read by whichever handle is at hand.
    pub(super) fn holds(&self, issuer: &str, ground: &Ground<'_>) -> bool {
        ground.keys.is_some_and(|keys| keys.has_generation(self.generation))
            && issuer == ground.issuer
            && self.is_timely(ground.rules, ground.now)
    }

    /// Tells whether its key and its issuer were found good by the key set of this revision; `None` is no set.
    pub(super) fn is_good_by(&self, revision: Option<u64>) -> bool {
        revision.is_some_and(|revision| self.judged_by.load(Ordering::Relaxed) == revision)
    }

    /// Notes that it [holds](Self::holds) by the key set of this revision, or by a later one.
    pub(super) fn note(&self, revision: Option<u64>) {
        self.judged_by.store(revision.unwrap_or(0), Ordering::Relaxed);
    }

    /// Tells whether this is the time for it.
    pub(super) fn is_timely(&self, rules: &Rules, now: u64) -> bool {
        rules.validate_time(&self.lifetime, now).is_ok()
    }

    fn in_short(&self) -> Note {
        Note { generation: self.generation, expires_at: self.lifetime.expires_at }
    }
}

/// What tells that a token is past, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Note {
    generation: u64,
    expires_at: u64,
}

impl Note {
    /// Above these bits and this time, one half of the word says nothing: such a token is past when others are told so.
    const UNTOLD: u32 = u32::MAX;

    fn packed(self) -> NonZeroU64 {
        let half = |value: u64| u64::from(u32::try_from(value).unwrap_or(Self::UNTOLD));
        // No entry has both halves 0: a token that expired in 1970 is never verified.
        NonZeroU64::new(half(self.generation) << 32 | half(self.expires_at)).unwrap_or(NonZeroU64::MAX)
    }

    /// Tells whether no later moment can make the token hold again: its time is over, or its key is not the one in use.
    fn is_past(packed: NonZeroU64, ground: &Ground<'_>) -> bool {
        let [generation, expires_at] = [packed.get() >> 32, packed.get() & u64::from(Self::UNTOLD)];
        let told = |half: u64| half != u64::from(Self::UNTOLD);
        told(generation) && ground.keys.is_some_and(|keys| !keys.has_generation(generation))
            || told(expires_at) && ground.rules.is_over(expires_at, ground.now)
    }
}

/// An entry of the table.
struct Remembered {
    likeness: Likeness<Box<[u8]>>,
    verified: Verified,
    epoch: u64,
    /// A handle of the claims for each lane of threads, made when it is first used.
    handles: Box<[OnceLock<Claims>]>,
    weight: usize,
}

impl Cache {
    pub(super) fn new(config: &CacheConfig) -> Self {
        Self {
            table: Table::new(config.max_entries, config.max_bytes),
            flights: Flights::new(),
            counters: Counters::new(),
            seed: RandomState::default(),
            epoch: AtomicU64::new(0),
            by_digest: config.by_digest,
        }
    }

    /// Tells whether tokens are compared as they are, without a digest.
    pub(super) fn compares_text(&self) -> bool {
        !self.by_digest
    }

    /// Returns what a token is looked up by.
    pub(super) fn lookup<'t>(&self, token: &'t [u8]) -> Lookup<'t> {
        let epoch = self.epoch.load(Ordering::Acquire);
        if self.by_digest {
            let digest = Digest::of(token);
            return Lookup { hash: self.seed.hash_one(digest), likeness: Likeness::Digest(digest), epoch };
        }
        let start = token.len().saturating_sub(TAIL_BYTES);
        let hash = self.seed.hash_one(token.get(start..));
        Lookup { hash, likeness: Likeness::Text(token), epoch }
    }

    /// Returns the claims of a token that was verified, if a verification on this ground would accept it.
    ///
    /// The ground is only asked for where there is such a token.
    pub(super) fn recall(
        &self,
        lookup: &Lookup<'_>,
        holds: impl Fn(&Verified, &Claims) -> bool,
    ) -> Option<Claims> {
        let claims = self.table.find(lookup.hash, |remembered| {
            if remembered.epoch != lookup.epoch || !remembered.is_for(lookup) {
                return None;
            }
            let claims = remembered.handle();
            holds(&remembered.verified, claims).then(|| claims.clone())
        })?;
        self.counters.add(Count::Hit, 1);
        Some(claims)
    }

    /// Waits, if this token is being verified just now, and lets others wait for the caller who verifies it next.
    pub(super) fn board(&self, lookup: &Lookup<'_>) -> Flight<'_> {
        self.flights.board(lookup.hash)
    }

    /// Notes that a token has to be verified.
    pub(super) fn miss(&self) {
        self.counters.add(Count::Miss, 1);
    }

    /// Remembers a verified token.
    pub(super) fn remember(&self, lookup: &Lookup<'_>, verified: Verified, ground: &Ground<'_>) {
        let remembered = Remembered::new(lookup, verified);
        let outdated = |former: &Remembered| former.is_for(lookup);
        let is_past = |note| Note::is_past(note, ground);
        let stored = self.table.store(lookup.hash, remembered, outdated, is_past);
        self.counters.add(Count::Eviction, stored.evicted);
    }

    /// Forgets all tokens; what is being verified meanwhile is forgotten too.
    pub(super) fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.table.clear();
    }

    pub(super) fn stats(&self) -> CacheStats {
        CacheStats {
            entries: self.table.entries(),
            bytes: self.table.bytes(),
            hits: self.counters.sum(Count::Hit),
            misses: self.counters.sum(Count::Miss),
            evictions: self.counters.sum(Count::Eviction),
        }
    }
}

impl Remembered {
    fn new(lookup: &Lookup<'_>, verified: Verified) -> Self {
        let likeness = match lookup.likeness {
            Likeness::Text(token) => Likeness::Text(token.into()),
            Likeness::Digest(digest) => Likeness::Digest(digest),
        };
        let handles = (0..lanes::fitting_number()).map(|_| OnceLock::new()).collect();
        let mut remembered = Self { likeness, verified, epoch: lookup.epoch, handles, weight: 0 };
        remembered.weight = remembered.footprint();
        remembered
    }

    fn is_for(&self, lookup: &Lookup<'_>) -> bool {
        match (&self.likeness, lookup.likeness) {
            (Likeness::Text(mine), Likeness::Text(token)) => mine.as_ref() == token,
            (Likeness::Digest(mine), Likeness::Digest(digest)) => *mine == digest,
            _ => false,
        }
    }

    /// Returns the claims by the handle that belongs to this thread; no other one is touched.
    fn handle(&self) -> &Claims {
        let claims = &self.verified.claims;
        let handle = lanes::pick(&self.handles, lanes::of_this_thread());
        handle.map_or(claims, |handle| handle.get_or_init(|| claims.detached()))
    }

    /// Counts a handle for every lane, as if all of them were in use.
    fn footprint(&self) -> usize {
        let text = match &self.likeness {
            Likeness::Text(token) => token.len(),
            Likeness::Digest(_) => 0,
        };
        let handle = size_of::<OnceLock<Claims>>().saturating_add(Claims::HANDLE_BYTES);
        let handles = self.handles.len().saturating_mul(handle);
        let parts = [text, self.verified.claims.footprint(), handles, size_of::<Self>()];
        parts.into_iter().fold(0, usize::saturating_add)
    }
}

impl Entry for Remembered {
    fn weight(&self) -> usize {
        self.weight
    }

    fn note(&self) -> NonZeroU64 {
        self.verified.in_short().packed()
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cache").field(&self.stats()).finish()
    }
}

#[cfg(test)]
mod tests;

//! The schedule of fetches: a pure state machine, without a clock, a task or a network.
//!
//! How it works, in order; the caller passes the time with every call:
//!
//! 1. [`Schedule::new`] sets the first fetch due at once.
//! 2. [`begin`](Schedule::begin) starts the next fetch if one is demanded, due or requested. It numbers the fetches, and
//!    charges those for requests to their budget.
//! 3. [`succeeded`](Schedule::succeeded), [`failed`](Schedule::failed) or [`aborted`](Schedule::aborted) ends the fetch and
//!    sets when the next one is due: ahead of the set's expiry, after a back-off, or at once.
//! 4. For a request that lacks a key, [`unknown_kid`](Schedule::unknown_kid) or [`bad_signature`](Schedule::bad_signature)
//!    returns the number of the fetch to wait for, or refuses the wait. Once that fetch has ended without the key,
//!    [`failure_after_fetch`](Schedule::failure_after_fetch) remembers the absent `kid` for 30 s.
//!
//! The guarantees, for any order of events:
//!
//! - Never two fetches at once.
//! - At most two fetches in any 30 s begin for requests, whether they succeed or fail. At most one in any 5 min begins for a
//!   bad signature.
//! - A refresh begins no sooner than after 70 % of the set's lifetime, and no sooner than 1, 2, 4, 8, 16, 30, 30, … s after
//!   the first, second, … failure in a row.
//! - A refresh is due no later than after 90 % of the lifetime, and 60 s after a failure, for ever.
//!
//! The schedule does not hold the keys, so a failed fetch cannot lose them.

mod absent;

use std::time::Duration;

use absent::AbsentKids;

/// The bounds of the lifetime that an issuer gives its keys, and the lifetime of keys without one.
const MIN_TTL: Duration = Duration::from_secs(5 * 60);
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);
const DEFAULT_TTL: Duration = Duration::from_secs(10 * 60);
/// The lower bound of `max_stale`: with less, every short failure of the issuer would be an outage.
const MIN_STALE: Duration = Duration::from_secs(60);

/// A refresh is due after 70 % to 90 % of the lifetime, in thousandths: from the first, plus a random share of the second.
const REFRESH_FROM: u32 = 700;
const REFRESH_SPREAD: u32 = 200;

/// The wait after a failure starts with `FIRST_BACK_OFF` and doubles up to `MAX_BACK_OFF`. The jitter adds up to as much
/// again, so the wait is 1 … 60 s.
const MAX_BACK_OFF: Duration = Duration::from_secs(30);
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// The time for which a key set proves that an id is absent, and in which requests may cause two fetches.
const WINDOW: Duration = Duration::from_secs(30);
/// The pause between two fetches for bad signatures.
const SIGNATURE_PAUSE: Duration = Duration::from_secs(5 * 60);

/// A random share in thousandths, 0 … 1000, so that many processes do not fetch at the same moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jitter(u32);

impl Jitter {
    /// Creates a share from any random number.
    pub(crate) fn from_random(number: u64) -> Self {
        Self(u32::try_from(number.checked_rem(1001).unwrap_or_default()).unwrap_or_default())
    }
}

/// The reason of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FetchCause {
    /// The keys will expire, the last fetch failed, or this is the first fetch.
    Refresh,
    /// A token names a key that is not in the set.
    UnknownKid,
    /// A token's signature does not fit the key it names: the issuer may have replaced the key under the same id.
    BadSignature,
    /// The application asked for it.
    Demand,
}

impl FetchCause {
    /// Returns the name in events and metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::UnknownKid => "unknown_kid",
            Self::BadSignature => "bad_signature",
            Self::Demand => "demand",
        }
    }
}

/// The decision about a request for a key that is not in the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnknownKid {
    /// Wait for the fetch of this number.
    Wait(u64),
    /// Fail without waiting.
    Fail(LookupFailure),
}

/// Why a look-up found no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookupFailure {
    /// The issuer has no such key; its key set is at most 30 s old. The token is at fault.
    UnknownKey,
    /// The issuer could not be asked, so it may have the key. The token is not at fault.
    Unavailable { retry_after: Duration },
}

impl LookupFailure {
    /// Returns the name in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown",
            Self::Unavailable { .. } => "unavailable",
        }
    }
}

/// Decides when to fetch and which requests may wait for a fetch.
#[derive(Debug)]
pub(crate) struct Schedule {
    max_stale: Duration,
    due: Duration,
    failures: u32,
    last_success: Option<Duration>,
    /// The fetch that a request asked for and that has not begun.
    requested: Option<FetchCause>,
    running: bool,
    /// The numbers of the last fetch that began, that a caller demanded, and that ended.
    begun: u64,
    demanded: u64,
    ended: u64,
    /// The times at which the last two fetches for requests began, the older one first.
    request_fetches: [Option<Duration>; 2],
    /// The time at which the last fetch for a bad signature began.
    signature_fetch: Option<Duration>,
    absent: AbsentKids,
}

impl Schedule {
    /// Creates a schedule whose first fetch is due at once. A set may be used until it is `max_stale` old.
    pub(crate) fn new(max_stale: Duration) -> Self {
        Self {
            max_stale: max_stale.max(MIN_STALE),
            due: Duration::ZERO,
            failures: 0,
            last_success: None,
            requested: None,
            running: false,
            begun: 0,
            demanded: 0,
            ended: 0,
            request_fetches: [None; 2],
            signature_fetch: None,
            absent: AbsentKids::default(),
        }
    }

    /// Begins a fetch if one is demanded, due or requested and none is under way.
    ///
    /// The caller must then report its end by [`Self::succeeded`], [`Self::failed`] or [`Self::aborted`].
    pub(crate) fn begin(&mut self, now: Duration) -> Option<FetchCause> {
        if self.running {
            return None;
        }
        let cause = self.next_cause(now)?;
        self.requested = None;
        self.running = true;
        self.begun = self.begun.saturating_add(1);
        self.charge(cause, now);
        Some(cause)
    }

    /// Returns the time until the next fetch is due.
    pub(crate) fn until_due(&self, now: Duration) -> Duration {
        self.due.saturating_sub(now)
    }

    /// Ends the fetch under way, which brought a key set.
    pub(crate) fn succeeded(&mut self, now: Duration, max_age: Option<Duration>, jitter: Jitter) {
        self.end();
        self.failures = 0;
        self.last_success = Some(now);
        let ttl = max_age.map_or(DEFAULT_TTL, |age| age.clamp(MIN_TTL, MAX_TTL)).min(self.max_stale);
        let share = REFRESH_FROM.saturating_add(thousandths_of(REFRESH_SPREAD, jitter));
        self.due = now.saturating_add(thousandths(ttl, share));
    }

    /// Ends the fetch under way, which brought no key set.
    pub(crate) fn failed(&mut self, now: Duration, jitter: Jitter) {
        self.end();
        let doubled = FIRST_BACK_OFF.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let least = doubled.min(MAX_BACK_OFF);
        self.due = now.saturating_add(least).saturating_add(thousandths(least, jitter.0));
    }

    /// Ends the fetch under way, which has no result. The next fetch is due at once and has the same number.
    pub(crate) fn aborted(&mut self, now: Duration) {
        if self.running {
            self.running = false;
            self.begun = self.begun.saturating_sub(1);
            self.due = self.due.min(now);
        }
    }

    /// Returns the failure of a request whose token names a key that is not in the set; `None` if it may wait for a fetch.
    pub(crate) fn failure_without_fetch(&self, kid: &str, now: Duration) -> Option<LookupFailure> {
        let fails = self.is_known_absent(kid, now) || !self.may_fetch(FetchCause::UnknownKid, now);
        fails.then(|| self.failure_at_once(now))
    }

    /// Decides about a request whose token names a key that is not in the set; may request a fetch.
    pub(crate) fn unknown_kid(&mut self, kid: &str, now: Duration) -> UnknownKid {
        match self.failure_without_fetch(kid, now) {
            Some(failure) => UnknownKid::Fail(failure),
            None => UnknownKid::Wait(self.request(FetchCause::UnknownKid, now)),
        }
    }

    /// Returns `true` if a request whose token's signature does not fit may wait for a fetch.
    pub(crate) fn may_replace(&self, now: Duration) -> bool {
        self.may_fetch(FetchCause::BadSignature, now)
    }

    /// Returns the number of the fetch that a request whose token's signature does not fit may wait for; may request it.
    pub(crate) fn bad_signature(&mut self, now: Duration) -> Option<u64> {
        self.may_replace(now).then(|| self.request(FetchCause::BadSignature, now))
    }

    /// Demands a fetch that begins after this call, and returns its number.
    pub(crate) fn demand(&mut self) -> u64 {
        let next = self.begun.saturating_add(1);
        self.demanded = self.demanded.max(next);
        next
    }

    /// Returns the number of the last fetch that ended.
    pub(crate) fn ended(&self) -> u64 {
        self.ended
    }

    /// Returns the failure of a request that waited for a fetch, which has ended without its key.
    pub(crate) fn failure_after_fetch(&mut self, kid: &str, now: Duration) -> LookupFailure {
        if let (0, Some(fetched_at)) = (self.failures, self.last_success) {
            self.absent.insert(kid, fetched_at);
        }
        self.failure_at_once(now)
    }

    /// Returns the failure of a request whose key is not in the set and that cannot wait.
    pub(crate) fn failure_at_once(&self, now: Duration) -> LookupFailure {
        // After a failed fetch the issuer may have published a new key since the last good set.
        let recently = self.last_success.is_some_and(|success| now.saturating_sub(success) <= WINDOW);
        if self.failures == 0 && recently {
            return LookupFailure::UnknownKey;
        }
        let retry_after = self.until_due(now).clamp(FIRST_BACK_OFF, MAX_RETRY_AFTER);
        LookupFailure::Unavailable { retry_after }
    }

    /// Returns the time until which the last good set may be used.
    pub(crate) fn usable_until(&self) -> Option<Duration> {
        self.last_success.map(|success| success.saturating_add(self.max_stale))
    }

    fn next_cause(&self, now: Duration) -> Option<FetchCause> {
        let demand = (self.demanded > self.begun).then_some(FetchCause::Demand);
        let refresh = (self.due <= now).then_some(FetchCause::Refresh);
        demand.or(refresh).or(self.requested)
    }

    /// Returns `true` if a request may wait: a fetch is coming anyway, or one is within the budget.
    fn may_fetch(&self, cause: FetchCause, now: Duration) -> bool {
        let coming = self.running || self.requested.is_some() || self.next_cause(now).is_some();
        let is_paused = cause == FetchCause::BadSignature && self.is_signature_pause(now);
        coming || (self.is_within_budget(now) && !is_paused)
    }

    fn is_within_budget(&self, now: Duration) -> bool {
        self.request_fetches.iter().any(|begun| begun.is_none_or(|begun| now.saturating_sub(begun) >= WINDOW))
    }

    fn is_signature_pause(&self, now: Duration) -> bool {
        self.signature_fetch.is_some_and(|begun| now.saturating_sub(begun) < SIGNATURE_PAUSE)
    }

    /// Requests a fetch unless one is coming anyway, and returns the number of the fetch to wait for.
    fn request(&mut self, cause: FetchCause, now: Duration) -> u64 {
        if self.running {
            return self.begun;
        }
        if self.next_cause(now).is_none() {
            self.requested = Some(cause);
        }
        self.begun.saturating_add(1)
    }

    /// Counts a fetch for a request against the budget.
    fn charge(&mut self, cause: FetchCause, now: Duration) {
        if matches!(cause, FetchCause::UnknownKid | FetchCause::BadSignature) {
            let [_, last] = self.request_fetches;
            self.request_fetches = [last, Some(now)];
        }
        if cause == FetchCause::BadSignature {
            self.signature_fetch = Some(now);
        }
    }

    fn end(&mut self) {
        self.running = false;
        self.ended = self.begun;
    }

    fn is_known_absent(&self, kid: &str, now: Duration) -> bool {
        self.absent.contains(kid, now.saturating_sub(WINDOW))
    }
}

fn thousandths(duration: Duration, share: u32) -> Duration {
    duration.saturating_mul(share).checked_div(1000).unwrap_or_default()
}

fn thousandths_of(number: u32, jitter: Jitter) -> u32 {
    number.saturating_mul(jitter.0).checked_div(1000).unwrap_or_default()
}

#[cfg(test)]
mod tests;

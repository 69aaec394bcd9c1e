//! When to fetch the keys: a pure state machine, without a clock, a task or a network.
//!
//! Its caller tells it the time with every event. What it promises, whatever the events and their order:
//!
//! - Never two fetches at once.
//! - In any 30 s, at most two fetches begin on behalf of requests, whether they succeed or fail; of these, at most one
//!   in any 5 min on behalf of bad signatures.
//! - Of its own accord it fetches no sooner than 70 % of the set's lifetime after a success, and no sooner than
//!   1, 2, 4, 8, 16, 30, 30, … s after the first, second, … failure in a row.
//! - It fetches again no later than 90 % of the lifetime after a success and 60 s after a failure, for ever.
//!
//! The keys are not kept here: nothing that happens to a fetch can lose them.

mod absent;

use std::time::Duration;

use absent::Absent;

/// The shortest and the longest lifetime an issuer can give its keys, and that of keys it gives none.
const MIN_TTL: Duration = Duration::from_secs(5 * 60);
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);
const DEFAULT_TTL: Duration = Duration::from_secs(10 * 60);
/// The shortest time a set is kept: below it, every hiccup of the issuer would be an outage.
const MIN_STALE: Duration = Duration::from_secs(60);

/// The refresh ahead of expiry: 80 % of the lifetime, give or take 10 %, in thousandths.
const REFRESH_FROM: u32 = 700;
const REFRESH_SPREAD: u32 = 200;

/// The least wait after a failure doubles up to this; with the jitter, which may double it again, it is 1 … 60 s.
const MAX_BACK_OFF: Duration = Duration::from_secs(30);
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How long what the issuer said stands, and how many fetches requests may cause within that time.
const WINDOW: Duration = Duration::from_secs(30);
/// How often a bad signature may cause a fetch.
const SIGNATURE_PAUSE: Duration = Duration::from_secs(5 * 60);

/// A random share between none and all, in thousandths, so that many processes do not fetch at the same moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jitter(u32);

impl Jitter {
    /// Makes a share out of any random number.
    pub(crate) fn from_random(number: u64) -> Self {
        Self(u32::try_from(number.checked_rem(1001).unwrap_or_default()).unwrap_or_default())
    }
}

/// What a fetch is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The keys will expire, or the last fetch failed, or there was none yet.
    Refresh,
    /// A token names a key that is not in the set.
    UnknownKid,
    /// A token's signature does not fit the key it names: the issuer may have replaced the key under the same id.
    BadSignature,
    /// The application asked for it.
    Demand,
}

impl Cause {
    /// Returns the word that events and metrics use.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::UnknownKid => "unknown_kid",
            Self::BadSignature => "bad_signature",
            Self::Demand => "demand",
        }
    }
}

/// What to do with a request for a key that is not in the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Wait for the fetch of this number.
    Wait(u64),
    /// Answer without waiting.
    Answer(Answer),
}

/// How to answer a request whose key is not in the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The issuer has no such key, as it said within the last 30 s: the token's fault.
    UnknownKey,
    /// Nobody can tell: our fault.
    Unavailable { retry_after: Duration },
}

impl Answer {
    /// Returns the word that metrics use.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown",
            Self::Unavailable { .. } => "unavailable",
        }
    }
}

/// Decides when to fetch, for whom to fetch, and how to answer when there is nothing to be fetched.
#[derive(Debug)]
pub(crate) struct Schedule {
    max_stale: Duration,
    due: Duration,
    failures: u32,
    last_success: Option<Duration>,
    asked: Option<Cause>,
    running: bool,
    /// The number of fetches that began, that a caller demanded, and that ended.
    begun: u64,
    demanded: u64,
    ended: u64,
    /// When the last two fetches for requests began, the older one first.
    for_requests: [Option<Duration>; 2],
    for_signature: Option<Duration>,
    absent: Absent,
}

impl Schedule {
    /// Makes a schedule whose first fetch is due at once; a set may be used until it is `max_stale` old.
    pub(crate) fn new(max_stale: Duration) -> Self {
        Self {
            max_stale: max_stale.max(MIN_STALE),
            due: Duration::ZERO,
            failures: 0,
            last_success: None,
            asked: None,
            running: false,
            begun: 0,
            demanded: 0,
            ended: 0,
            for_requests: [None; 2],
            for_signature: None,
            absent: Absent::default(),
        }
    }

    /// Begins a fetch if one is due or asked for and none is under way.
    ///
    /// The caller must then tell how it ended, by [`Self::succeeded`], [`Self::failed`] or [`Self::aborted`].
    pub(crate) fn begin(&mut self, now: Duration) -> Option<Cause> {
        if self.running {
            return None;
        }
        let cause = self.next_cause(now)?;
        self.asked = None;
        self.running = true;
        self.begun = self.begun.saturating_add(1);
        self.charge(cause, now);
        Some(cause)
    }

    /// Returns the time until the next fetch is due.
    pub(crate) fn until_due(&self, now: Duration) -> Duration {
        self.due.saturating_sub(now)
    }

    /// Notes that the fetch under way brought a key set.
    pub(crate) fn succeeded(&mut self, now: Duration, max_age: Option<Duration>, jitter: Jitter) {
        self.end();
        self.failures = 0;
        self.last_success = Some(now);
        let ttl = max_age.map_or(DEFAULT_TTL, |age| age.clamp(MIN_TTL, MAX_TTL)).min(self.max_stale);
        let share = REFRESH_FROM.saturating_add(thousandths_of(REFRESH_SPREAD, jitter));
        self.due = now.saturating_add(thousandths(ttl, share));
    }

    /// Notes that the fetch under way brought no key set.
    pub(crate) fn failed(&mut self, now: Duration, jitter: Jitter) {
        self.end();
        let doubled = FIRST_BACK_OFF.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let least = doubled.min(MAX_BACK_OFF);
        self.due = now.saturating_add(least).saturating_add(thousandths(least, jitter.0));
    }

    /// Notes that the fetch under way was given up before it had a result; it is repeated at once.
    pub(crate) fn aborted(&mut self, now: Duration) {
        if self.running {
            self.running = false;
            self.begun = self.begun.saturating_sub(1);
            self.due = self.due.min(now);
        }
    }

    /// Returns the answer to a request whose token names a key that is not in the set; `None` if it may wait for a fetch.
    pub(crate) fn settled(&self, kid: &str, now: Duration) -> Option<Answer> {
        let is_settled = self.is_known_absent(kid, now) || !self.may_fetch(Cause::UnknownKid, now);
        is_settled.then(|| self.answer(now))
    }

    /// Decides about a request whose token names a key that is not in the set.
    pub(crate) fn unknown_kid(&mut self, kid: &str, now: Duration) -> Ask {
        match self.settled(kid, now) {
            Some(answer) => Ask::Answer(answer),
            None => Ask::Wait(self.ask(Cause::UnknownKid, now)),
        }
    }

    /// Returns `true` if a request whose token's signature does not fit may wait for a fetch.
    pub(crate) fn may_replace(&self, now: Duration) -> bool {
        self.may_fetch(Cause::BadSignature, now)
    }

    /// Decides about a request whose token's signature does not fit the key it names: whether to wait for a fetch.
    pub(crate) fn bad_signature(&mut self, now: Duration) -> Option<u64> {
        self.may_replace(now).then(|| self.ask(Cause::BadSignature, now))
    }

    /// Asks for a fetch that begins after this moment, and returns its number.
    pub(crate) fn demand(&mut self) -> u64 {
        let next = self.begun.saturating_add(1);
        self.demanded = self.demanded.max(next);
        next
    }

    /// Returns the number of the last fetch that ended.
    pub(crate) fn ended(&self) -> u64 {
        self.ended
    }

    /// Answers a request whose key is not in the set although it waited for a fetch, which has ended.
    pub(crate) fn settle(&mut self, kid: &str, now: Duration) -> Answer {
        if let (0, Some(fetched_at)) = (self.failures, self.last_success) {
            self.absent.insert(kid, fetched_at);
        }
        self.answer(now)
    }

    /// Answers a request whose key is not in the set and that cannot wait.
    pub(crate) fn answer(&self, now: Duration) -> Answer {
        // An issuer that cannot be asked any more leaves open whether it has a new key.
        let recently = self.last_success.is_some_and(|success| now.saturating_sub(success) <= WINDOW);
        if self.failures == 0 && recently {
            return Answer::UnknownKey;
        }
        let retry_after = self.until_due(now).clamp(FIRST_BACK_OFF, MAX_RETRY_AFTER);
        Answer::Unavailable { retry_after }
    }

    /// Returns until when the last good set may be used.
    pub(crate) fn usable_until(&self) -> Option<Duration> {
        self.last_success.map(|success| success.saturating_add(self.max_stale))
    }

    fn next_cause(&self, now: Duration) -> Option<Cause> {
        let demand = (self.demanded > self.begun).then_some(Cause::Demand);
        let refresh = (self.due <= now).then_some(Cause::Refresh);
        demand.or(refresh).or(self.asked)
    }

    /// Tells whether a request's wish leads to a fetch: one that is coming anyway, or one within the budget.
    fn may_fetch(&self, cause: Cause, now: Duration) -> bool {
        let coming = self.running || self.asked.is_some() || self.next_cause(now).is_some();
        coming || (self.within_budget(now) && (cause != Cause::BadSignature || self.within_pause(now)))
    }

    fn within_budget(&self, now: Duration) -> bool {
        self.for_requests.iter().any(|begun| begun.is_none_or(|begun| now.saturating_sub(begun) >= WINDOW))
    }

    fn within_pause(&self, now: Duration) -> bool {
        self.for_signature.is_none_or(|begun| now.saturating_sub(begun) >= SIGNATURE_PAUSE)
    }

    /// Asks for a fetch unless one is coming anyway, and returns the number of the one that will answer.
    fn ask(&mut self, cause: Cause, now: Duration) -> u64 {
        if self.running {
            return self.begun;
        }
        if self.next_cause(now).is_none() {
            self.asked = Some(cause);
        }
        self.begun.saturating_add(1)
    }

    fn charge(&mut self, cause: Cause, now: Duration) {
        if matches!(cause, Cause::UnknownKid | Cause::BadSignature) {
            let [_, last] = self.for_requests;
            self.for_requests = [last, Some(now)];
        }
        if cause == Cause::BadSignature {
            self.for_signature = Some(now);
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

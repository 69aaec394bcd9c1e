//! The circuit breakers of the Account API: a pure state machine, without a clock, a task or a network.
//!
//! [`Breaker`] has one [`Circuit`] for everybody and one for each organization that has failed lately. A question needs both
//! closed: [`Breaker::admit`] before it is sent, [`Breaker::record`] when it ended. The promises, for any order of events:
//!
//! - Status 429 opens the circuit of everybody: the limit is that of the whole account. So do three organizations that fail
//!   in a row.
//! - Three users of one organization that fail in a row open the circuit of that organization, and of no other.
//! - An open circuit admits nothing for as long as Kinde announced, else for 5, 10, 20, 30, 30, … s; for five minutes at most.
//! - Then it is half open and admits one question, the probe. An answer closes the circuit, a failure opens it again.
//! - A probe that was given up leaves its place to the next question.
//! - An organization that opened the circuit of everybody is a suspect for an hour. A suspect leaves the probe to others that
//!   wait, for 30 s. Once the circuit is closed again, the failures and limits of a suspect open its own circuit alone.
//! - What was asked before a circuit opened neither opens nor closes it afterwards, but for a 429.
//!
//! A budget of questions per second belongs here, too: `admit` is the one place that every question passes.

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use crate::token::Digest;

/// The number of different members whose failures in a row open a circuit.
const MAX_FAILURES: usize = 3;

/// The limit of organizations with a circuit of their own.
const MAX_ORGANIZATIONS: usize = 256;

/// The limit of suspects, and the time for which an organization stays one.
const MAX_SUSPECTS: usize = 256;
const SUSPICION: Duration = Duration::from_secs(60 * 60);

/// The wait after a failure for which Kinde announces none; a circuit doubles the first up to the second.
pub(super) const FIRST_WAIT: Duration = Duration::from_secs(5);
const MAX_BACK_OFF: Duration = Duration::from_secs(30);

/// The shortest and the longest wait that Kinde can impose.
pub(super) const MIN_WAIT: Duration = Duration::from_secs(1);
pub(super) const MAX_WAIT: Duration = Duration::from_secs(5 * 60);

/// The caller behind a question, as digests.
#[derive(Clone, Copy)]
pub(super) struct Asker {
    pub(super) token: Digest,
    /// The token's subject, or the program it was issued to; of a token without either, the token.
    pub(super) user: Digest,
    /// The token's organization; of a token without one, the user.
    pub(super) organization: Digest,
}

/// The end of a question; the waits are those that Kinde announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Kinde answered, be it with a refusal.
    Answered,
    /// Kinde answered 429.
    Limited(Option<Duration>),
    /// Kinde did not answer, or could not.
    Failed(Option<Duration>),
    /// The question was given up, so nothing was learned.
    Abandoned,
}

/// Whose circuit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Everybody,
    Organization,
}

/// A circuit that opened, for this time, or that closed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Opened(Scope, Duration),
    Closed(Scope),
}

/// The right to ask once; ends with [`Breaker::record`].
pub(super) struct Permit {
    asker: Asker,
    number: u64,
}

/// Decides whether the Account API may be asked.
#[derive(Default)]
pub(super) struct Breaker {
    everybody: Circuit,
    /// An organization without an entry has a closed circuit and no failures.
    organizations: HashMap<Digest, Circuit>,
    /// The organizations that opened the circuit of everybody, and until when that counts against them.
    suspects: HashMap<Digest, Duration>,
    /// `true` if an organization that is no suspect was refused since the circuit of everybody opened.
    others_wait: bool,
    admitted: u64,
}

impl Breaker {
    /// Returns how long `organization` has to wait before it may ask; `None` if it may ask now.
    pub(super) fn wait(&mut self, organization: &Digest, now: Duration) -> Option<Duration> {
        let own = self.organizations.get(organization).and_then(|circuit| circuit.wait(now));
        let is_suspect = self.is_suspect(organization, now);
        let behind = if is_suspect && self.others_wait { MAX_BACK_OFF } else { Duration::ZERO };
        let all = self.everybody.wait_behind(behind, now);
        self.others_wait |= all.is_some() && !is_suspect;
        all.max(own)
    }

    fn is_suspect(&self, organization: &Digest, now: Duration) -> bool {
        self.suspects.get(organization).is_some_and(|until| *until > now)
    }

    /// Notes who opened the circuit of everybody.
    fn suspect(&mut self, organization: Digest, now: Duration) {
        if self.suspects.len() >= MAX_SUSPECTS {
            self.suspects.retain(|_, until| *until > now);
        }
        if self.suspects.len() < MAX_SUSPECTS {
            self.suspects.insert(organization, now.saturating_add(SUSPICION));
        }
    }

    /// Admits a question, or returns how long it has to wait.
    pub(super) fn admit(&mut self, asker: Asker, now: Duration) -> Result<Permit, Duration> {
        if let Some(wait) = self.wait(&asker.organization, now) {
            return Err(wait);
        }
        self.admitted = self.admitted.wrapping_add(1);
        self.everybody.enter(self.admitted);
        if let Some(circuit) = self.organizations.get_mut(&asker.organization) {
            circuit.enter(self.admitted);
        }
        Ok(Permit { asker, number: self.admitted })
    }

    /// Notes how an admitted question ended; returns the circuits that opened or closed by that.
    pub(super) fn record(&mut self, permit: &Permit, outcome: Outcome, now: Duration) -> [Option<Change>; 2] {
        let Permit { asker: Asker { user, organization, .. }, number } = *permit;
        let of = |scope| move |turn: Turn| turn.in_scope(scope);
        let is_own = self.everybody.state == State::Closed && self.is_suspect(&organization, now);
        let (all, own) = match outcome {
            Outcome::Limited(_) | Outcome::Failed(_) if is_own => (Outcome::Abandoned, outcome),
            // The limit is that of everybody; of the organization nothing was learned.
            Outcome::Limited(_) => (outcome, Outcome::Abandoned),
            _ => (outcome, outcome),
        };
        let admitted = self.admitted;
        let everybody = self.everybody.record((number, admitted), organization, all, now);
        if everybody.is_some() {
            self.others_wait = false;
        }
        for organization in mem::take(&mut self.everybody.blamed) {
            self.suspect(organization, now);
        }
        let own = self
            .circuit(organization, own)
            .and_then(|circuit| circuit.record((number, admitted), user, own, now));
        if self.organizations.get(&organization).is_some_and(Circuit::is_idle) {
            self.organizations.remove(&organization);
        }
        [everybody.map(of(Scope::Everybody)), own.map(of(Scope::Organization))]
    }

    /// Returns the circuit of an organization; only a failure makes one.
    fn circuit(&mut self, organization: Digest, outcome: Outcome) -> Option<&mut Circuit> {
        if matches!(outcome, Outcome::Failed(_) | Outcome::Limited(_)) {
            self.make_room(&organization);
            return Some(self.organizations.entry(organization).or_default());
        }
        self.organizations.get_mut(&organization)
    }

    /// Removes the circuit that admits first: its organization may ask as one that has never failed.
    fn make_room(&mut self, organization: &Digest) {
        if self.organizations.len() < MAX_ORGANIZATIONS || self.organizations.contains_key(organization) {
            return;
        }
        let first = self.organizations.iter().min_by_key(|(_, circuit)| circuit.admits_at());
        if let Some(first) = first.map(|(organization, _)| *organization) {
            self.organizations.remove(&first);
        }
    }
}

/// One circuit breaker.
#[derive(Default)]
struct Circuit {
    state: State,
    /// The members that failed since the last answer.
    failed: Vec<Digest>,
    /// The members that opened the circuit, or kept it open, and were not taken from here yet.
    blamed: Vec<Digest>,
    /// The number of the last question that was admitted before the circuit opened.
    opened_after: u64,
    /// The number of openings since the circuit was last closed.
    openings: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        until: Duration,
    },
    /// Waits for the probe, the question of this number.
    HalfOpen {
        probe: u64,
    },
}

/// A change of state by [`Circuit::record`].
enum Turn {
    Opened(Duration),
    Closed,
}

impl Turn {
    fn in_scope(self, scope: Scope) -> Change {
        match self {
            Self::Opened(wait) => Change::Opened(scope, wait),
            Self::Closed => Change::Closed(scope),
        }
    }
}

impl Circuit {
    fn wait(&self, now: Duration) -> Option<Duration> {
        self.wait_behind(Duration::ZERO, now)
    }

    /// Returns the wait of who leaves the probe to others for some time.
    fn wait_behind(&self, others: Duration, now: Duration) -> Option<Duration> {
        match self.state {
            State::Closed => None,
            State::Open { until } => {
                until.saturating_add(others).checked_sub(now).filter(|wait| !wait.is_zero())
            }
            State::HalfOpen { .. } => Some(MIN_WAIT),
        }
    }

    /// Notes that a question is admitted: at an open circuit, whose wait is over then, that is the probe.
    fn enter(&mut self, number: u64) {
        if matches!(self.state, State::Open { .. }) {
            self.state = State::HalfOpen { probe: number };
        }
    }

    /// Notes how a question ended, by its number and that of the last one admitted. An answer or a failure from before the
    /// circuit opened says nothing about now.
    fn record(
        &mut self,
        (number, last): (u64, u64),
        member: Digest,
        outcome: Outcome,
        now: Duration,
    ) -> Option<Turn> {
        let was_closed = self.state == State::Closed;
        let is_probe = self.state == State::HalfOpen { probe: number };
        let counts = was_closed && number > self.opened_after;
        match outcome {
            Outcome::Answered if is_probe => {
                *self = Self { opened_after: self.opened_after, ..Self::default() };
                return Some(Turn::Closed);
            }
            Outcome::Answered if counts => self.failed.clear(),
            Outcome::Abandoned if is_probe => self.state = State::Open { until: now },
            Outcome::Failed(announced) if is_probe || counts => {
                if self.is_last_straw(member) || is_probe {
                    let wait = self.open(announced, last, now);
                    return was_closed.then_some(Turn::Opened(wait));
                }
            }
            Outcome::Limited(announced) => {
                self.failed.push(member);
                let wait = self.open(announced, last, now);
                return was_closed.then_some(Turn::Opened(wait));
            }
            Outcome::Answered | Outcome::Failed(_) | Outcome::Abandoned => {}
        }
        None
    }

    /// Notes who failed; returns `true` if enough members failed in a row.
    fn is_last_straw(&mut self, member: Digest) -> bool {
        if !self.failed.contains(&member) {
            self.failed.push(member);
        }
        self.failed.len() >= MAX_FAILURES
    }

    /// Opens the circuit, or prolongs its wait: questions that were under way together are one opening.
    fn open(&mut self, announced: Option<Duration>, last: u64, now: Duration) -> Duration {
        let announced = announced.map(|wait| wait.clamp(MIN_WAIT, MAX_WAIT));
        let wait = match self.state {
            State::Open { until } => until.saturating_sub(now).max(announced.unwrap_or_default()),
            State::Closed | State::HalfOpen { .. } => {
                let back_off = self.back_off();
                self.openings = self.openings.saturating_add(1);
                announced.unwrap_or(back_off)
            }
        };
        self.blamed = mem::take(&mut self.failed);
        self.opened_after = last;
        self.state = State::Open { until: now.saturating_add(wait) };
        wait
    }

    fn back_off(&self) -> Duration {
        FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.openings)).min(MAX_BACK_OFF)
    }

    fn admits_at(&self) -> Duration {
        match self.state {
            State::Closed => Duration::ZERO,
            State::Open { until } => until,
            State::HalfOpen { .. } => Duration::MAX,
        }
    }

    fn is_idle(&self) -> bool {
        self.state == State::Closed && self.failed.is_empty()
    }
}

#[cfg(test)]
mod tests;

//! The circuit breakers of the Account API: a pure state machine, without a clock, a task or a network.
//!
//! A *call* is one question to the Account API, with all its pages. How it works, in order:
//!
//! 1. [`Breaker::admit`] checks two circuits: the global one, and that of the caller's organization if it has failed lately.
//!    Both must be closed, or half open without a probe. The call gets a [`Permit`] with its number.
//! 2. [`Breaker::record`] takes the [`CallOutcome`] and updates both circuits, by [`Circuit::record`].
//! 3. A circuit opens after a rate limit or too many failures in a row. It admits no call until its wait is over.
//! 4. Then it is half open and admits one call, the probe. An answer closes the circuit, a failure opens it again. If the
//!    probe is abandoned, the next call takes its place.
//!
//! The guarantees, for any order of events:
//!
//! - Status 429 opens the global circuit, because Kinde's limit holds for all organizations together. So do failures of three
//!   organizations in a row.
//! - Failures of three users of one organization in a row open the circuit of that organization, and of no other.
//! - The wait is the one that Kinde announced, else 5, 10, 20, 30, 30, … s; it is five minutes at most.
//! - An organization that opened the global circuit is a suspect for an hour. If another organization waits, a suspect may not
//!   probe for 30 s longer. Once the circuit is closed again, failures and limits of a suspect open its own circuit alone.
//! - A call admitted before a circuit opened neither opens nor closes it afterwards, except by a 429.
//!
//! A budget of calls per second would belong here: every call passes [`Breaker::admit`].

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use crate::token::Digest;

/// The number of different members whose failures in a row open a circuit.
const MAX_FAILURES: usize = 3;

/// The limit of organizations with a circuit of their own.
const MAX_ORGANIZATIONS: usize = 256;

/// The limit of suspects, and the time for which an organization is a suspect.
const MAX_SUSPECTS: usize = 256;
const SUSPICION: Duration = Duration::from_secs(60 * 60);

/// The wait after a failure without an announced wait: it starts with the first and doubles up to the second.
pub(super) const FIRST_WAIT: Duration = Duration::from_secs(5);
const MAX_BACK_OFF: Duration = Duration::from_secs(30);

/// The bounds of a wait that Kinde announces.
pub(super) const MIN_WAIT: Duration = Duration::from_secs(1);
pub(super) const MAX_WAIT: Duration = Duration::from_secs(5 * 60);

/// The caller of the Account API, as digests.
#[derive(Clone, Copy)]
pub(super) struct CallerId {
    pub(super) token: Digest,
    /// The token's subject, else the client it was issued to, else the token.
    pub(super) user: Digest,
    /// The token's organization, else the user.
    pub(super) organization: Digest,
}

/// The outcome of a call, with the wait that Kinde announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallOutcome {
    /// Kinde answered; a refusal of the token is an answer too.
    Answered,
    /// Kinde answered 429.
    RateLimited(Option<Duration>),
    /// Kinde did not answer, or answered with an error of its own.
    Failed(Option<Duration>),
    /// The call was given up, so nothing is known about Kinde.
    Abandoned,
}

/// The callers that a circuit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CircuitScope {
    Global,
    Organization,
}

/// A circuit that opened, with its wait, or closed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CircuitChange {
    Opened(CircuitScope, Duration),
    Closed(CircuitScope),
}

/// The right to make one call; ends with [`Breaker::record`].
pub(super) struct Permit {
    caller: CallerId,
    number: u64,
}

/// Decides whether the Account API may be called.
#[derive(Default)]
pub(super) struct Breaker {
    global: Circuit,
    /// The circuits of organizations. One without an entry has a closed circuit and no failures.
    organizations: HashMap<Digest, Circuit>,
    /// The organizations that opened the global circuit, and the end of the suspicion.
    suspects: HashMap<Digest, Duration>,
    /// `true` if an organization that is no suspect was refused since the global circuit opened.
    others_wait: bool,
    admitted: u64,
}

impl Breaker {
    /// Returns the wait of `organization`; `None` if it may call now.
    pub(super) fn wait(&mut self, organization: &Digest, now: Duration) -> Option<Duration> {
        let own = self.organizations.get(organization).and_then(|circuit| circuit.wait(now));
        let is_suspect = self.is_suspect(organization, now);
        let delay = if is_suspect && self.others_wait { MAX_BACK_OFF } else { Duration::ZERO };
        let global = self.global.wait_delayed(delay, now);
        self.others_wait |= global.is_some() && !is_suspect;
        global.max(own)
    }

    fn is_suspect(&self, organization: &Digest, now: Duration) -> bool {
        self.suspects.get(organization).is_some_and(|until| *until > now)
    }

    /// Adds an organization that opened the global circuit.
    fn add_suspect(&mut self, organization: Digest, now: Duration) {
        if self.suspects.len() >= MAX_SUSPECTS {
            self.suspects.retain(|_, until| *until > now);
        }
        if self.suspects.len() < MAX_SUSPECTS {
            self.suspects.insert(organization, now.saturating_add(SUSPICION));
        }
    }

    /// Admits a call, or returns its wait.
    pub(super) fn admit(&mut self, caller: CallerId, now: Duration) -> Result<Permit, Duration> {
        if let Some(wait) = self.wait(&caller.organization, now) {
            return Err(wait);
        }
        self.admitted = self.admitted.wrapping_add(1);
        self.global.note_admission(self.admitted);
        if let Some(circuit) = self.organizations.get_mut(&caller.organization) {
            circuit.note_admission(self.admitted);
        }
        Ok(Permit { caller, number: self.admitted })
    }

    /// Records the outcome of an admitted call; returns the changes of the global and of the organization's circuit.
    pub(super) fn record(
        &mut self,
        permit: &Permit,
        outcome: CallOutcome,
        now: Duration,
    ) -> [Option<CircuitChange>; 2] {
        let Permit { caller: CallerId { user, organization, .. }, number } = *permit;
        let of = |scope| move |transition: Transition| transition.in_scope(scope);
        let is_own = self.global.state == CircuitState::Closed && self.is_suspect(&organization, now);
        let (all, own) = match outcome {
            CallOutcome::RateLimited(_) | CallOutcome::Failed(_) if is_own => {
                (CallOutcome::Abandoned, outcome)
            }
            // Kinde's limit holds for all organizations together, so it says nothing about this one.
            CallOutcome::RateLimited(_) => (outcome, CallOutcome::Abandoned),
            _ => (outcome, outcome),
        };
        let admitted = self.admitted;
        let global = self.global.record((number, admitted), organization, all, now);
        if global.is_some() {
            self.others_wait = false;
        }
        for organization in mem::take(&mut self.global.blamed) {
            self.add_suspect(organization, now);
        }
        let own = self
            .circuit(organization, own)
            .and_then(|circuit| circuit.record((number, admitted), user, own, now));
        if self.organizations.get(&organization).is_some_and(Circuit::is_idle) {
            self.organizations.remove(&organization);
        }
        [global.map(of(CircuitScope::Global)), own.map(of(CircuitScope::Organization))]
    }

    /// Returns the circuit of an organization. Only a failure creates one.
    fn circuit(&mut self, organization: Digest, outcome: CallOutcome) -> Option<&mut Circuit> {
        if matches!(outcome, CallOutcome::Failed(_) | CallOutcome::RateLimited(_)) {
            self.make_room(&organization);
            return Some(self.organizations.entry(organization).or_default());
        }
        self.organizations.get_mut(&organization)
    }

    /// Makes room by removing the circuit whose wait ends first. That organization is then treated as if it never failed.
    fn make_room(&mut self, organization: &Digest) {
        if self.organizations.len() < MAX_ORGANIZATIONS || self.organizations.contains_key(organization) {
            return;
        }
        let first = self.organizations.iter().min_by_key(|(_, circuit)| circuit.admits_from());
        if let Some(first) = first.map(|(organization, _)| *organization) {
            self.organizations.remove(&first);
        }
    }
}

/// One circuit breaker.
#[derive(Default)]
struct Circuit {
    state: CircuitState,
    /// The members that failed since the last answer: organizations in the global circuit, users in an organization's.
    failed: Vec<Digest>,
    /// The members that opened the circuit or kept it open. [`Breaker::record`] takes them.
    blamed: Vec<Digest>,
    /// The number of the last call that was admitted before the circuit opened.
    opened_after: u64,
    /// The number of openings since the circuit was last closed.
    openings: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum CircuitState {
    #[default]
    Closed,
    Open {
        until: Duration,
    },
    /// Waits for the probe, the call of this number.
    HalfOpen {
        probe: u64,
    },
}

/// A change of state by [`Circuit::record`].
enum Transition {
    Opened(Duration),
    Closed,
}

impl Transition {
    fn in_scope(self, scope: CircuitScope) -> CircuitChange {
        match self {
            Self::Opened(wait) => CircuitChange::Opened(scope, wait),
            Self::Closed => CircuitChange::Closed(scope),
        }
    }
}

impl Circuit {
    fn wait(&self, now: Duration) -> Option<Duration> {
        self.wait_delayed(Duration::ZERO, now)
    }

    /// Returns the wait of a caller that may probe only `delay` after the others.
    fn wait_delayed(&self, delay: Duration, now: Duration) -> Option<Duration> {
        match self.state {
            CircuitState::Closed => None,
            CircuitState::Open { until } => {
                until.saturating_add(delay).checked_sub(now).filter(|wait| !wait.is_zero())
            }
            CircuitState::HalfOpen { .. } => Some(MIN_WAIT),
        }
    }

    /// Records that a call is admitted. If the circuit is open, its wait is over, and the call is the probe.
    fn note_admission(&mut self, number: u64) {
        if matches!(self.state, CircuitState::Open { .. }) {
            self.state = CircuitState::HalfOpen { probe: number };
        }
    }

    /// Records the outcome of call `number`; `last` is the number of the last call admitted. An answer or a failure of a call
    /// from before the circuit opened does not count.
    fn record(
        &mut self,
        (number, last): (u64, u64),
        member: Digest,
        outcome: CallOutcome,
        now: Duration,
    ) -> Option<Transition> {
        let was_closed = self.state == CircuitState::Closed;
        let is_probe = self.state == CircuitState::HalfOpen { probe: number };
        let counts = was_closed && number > self.opened_after;
        match outcome {
            CallOutcome::Answered if is_probe => {
                *self = Self { opened_after: self.opened_after, ..Self::default() };
                return Some(Transition::Closed);
            }
            CallOutcome::Answered if counts => self.failed.clear(),
            CallOutcome::Abandoned if is_probe => self.state = CircuitState::Open { until: now },
            CallOutcome::Failed(announced) if is_probe || counts => {
                if self.add_failure(member) || is_probe {
                    let wait = self.open(announced, last, now);
                    return was_closed.then_some(Transition::Opened(wait));
                }
            }
            CallOutcome::RateLimited(announced) => {
                self.failed.push(member);
                let wait = self.open(announced, last, now);
                return was_closed.then_some(Transition::Opened(wait));
            }
            CallOutcome::Answered | CallOutcome::Failed(_) | CallOutcome::Abandoned => {}
        }
        None
    }

    /// Adds a member that failed; returns `true` if enough members failed in a row.
    fn add_failure(&mut self, member: Digest) -> bool {
        if !self.failed.contains(&member) {
            self.failed.push(member);
        }
        self.failed.len() >= MAX_FAILURES
    }

    /// Opens the circuit, or prolongs the wait of an open one: failures of calls that ran together count as one opening.
    fn open(&mut self, announced: Option<Duration>, last: u64, now: Duration) -> Duration {
        let announced = announced.map(|wait| wait.clamp(MIN_WAIT, MAX_WAIT));
        let wait = match self.state {
            CircuitState::Open { until } => until.saturating_sub(now).max(announced.unwrap_or_default()),
            CircuitState::Closed | CircuitState::HalfOpen { .. } => {
                let back_off = self.back_off();
                self.openings = self.openings.saturating_add(1);
                announced.unwrap_or(back_off)
            }
        };
        self.blamed = mem::take(&mut self.failed);
        self.opened_after = last;
        self.state = CircuitState::Open { until: now.saturating_add(wait) };
        wait
    }

    fn back_off(&self) -> Duration {
        FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.openings)).min(MAX_BACK_OFF)
    }

    fn admits_from(&self) -> Duration {
        match self.state {
            CircuitState::Closed => Duration::ZERO,
            CircuitState::Open { until } => until,
            CircuitState::HalfOpen { .. } => Duration::MAX,
        }
    }

    fn is_idle(&self) -> bool {
        self.state == CircuitState::Closed && self.failed.is_empty()
    }
}

#[cfg(test)]
mod tests;

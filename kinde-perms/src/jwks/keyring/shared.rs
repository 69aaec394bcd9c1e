//! What the keyring's clones and its task share, and how requests look things up in it.

use std::hash::RandomState;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use super::ticket::{Ticket, Waiting};
use super::{Lookup, MAX_WAITING};
use crate::jwks::document::Skipped;
use crate::jwks::schedule::{Answer, Ask, Schedule};
use crate::jwks::{KeyError, KeySource};
use crate::time::Clock;
use crate::token::{Algorithm, Entry, Keys};

#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub(super) keys: Keys,
    /// How the issuer spells its identifier, if the source learnt it.
    pub(super) issuer: Option<String>,
    pub(super) fetched_at: Option<Duration>,
    pub(super) usable_until: Option<Duration>,
}

#[derive(Debug)]
pub(super) struct Shared {
    /// None for static keys.
    pub(super) source: Option<Arc<dyn KeySource>>,
    pub(super) allowed: Vec<Algorithm>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) snapshot: ArcSwap<Snapshot>,
    /// Read on every request: whether the task is to be started, for the first time or anew.
    pub(super) task_missing: AtomicBool,
    pub(super) state: Mutex<State>,
    /// The number of the last fetch that ended; also stirred when one is aborted and at shutdown.
    pub(super) ended: watch::Sender<u64>,
    pub(super) waiting: Semaphore,
    pub(super) random: RandomState,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) schedule: Schedule,
    pub(super) last_error: Option<KeyError>,
    pub(super) skipped: Vec<Skipped>,
    /// Wakes the task; without it the task ends.
    pub(super) wake: Option<mpsc::Sender<()>>,
    pub(super) task: Option<JoinHandle<()>>,
    pub(super) shut_down: bool,
}

impl Shared {
    pub(super) fn new(
        source: Option<Arc<dyn KeySource>>,
        allowed: Vec<Algorithm>,
        schedule: Schedule,
        snapshot: Snapshot,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            task_missing: AtomicBool::new(source.is_some()),
            source,
            allowed,
            clock,
            snapshot: ArcSwap::from_pointee(snapshot),
            state: Mutex::new(State::new(schedule)),
            ended: watch::Sender::new(0),
            waiting: Semaphore::new(MAX_WAITING),
            random: RandomState::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent between any two statements that could panic, of which there are none.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_usable(&self, snapshot: &Snapshot) -> bool {
        match snapshot.usable_until {
            None => false,
            Some(Duration::MAX) => true,
            Some(until) => self.clock.monotonic() <= until,
        }
    }

    pub(super) fn usable_entry(&self, kid: &str) -> Option<Entry> {
        let snapshot = self.snapshot.load();
        snapshot.keys.get(kid).filter(|_| self.is_usable(&snapshot)).cloned()
    }

    /// Returns how a look-up of a key that the current set lacks ends without a fetch; `None` if one may bring the key.
    pub(super) fn settled(&self, kid: &str) -> Option<Answer> {
        if self.source.is_none() {
            return Some(Answer::UnknownKey);
        }
        let state = self.lock();
        match self.usable_entry(kid) {
            Some(_) => None,
            None => state.schedule.settled(kid, self.clock.monotonic()),
        }
    }

    /// Returns `true` if there is another key of this `kid` than that of this `generation`, or a fetch may bring it.
    pub(super) fn may_replace(&self, kid: &str, generation: u64) -> bool {
        if self.source.is_none() {
            return false;
        }
        let state = self.lock();
        self.usable_entry(kid).is_some_and(|entry| entry.generation() != generation)
            || state.schedule.may_replace(self.clock.monotonic())
    }

    pub(super) fn look_up(&self, kid: &str, ticket: &mut Ticket) -> Result<Lookup, Waiting> {
        // New keys are stored under this lock: a set that is not seen here is one that a fetch can still be asked for.
        let mut state = self.lock();
        if let Some(entry) = self.usable_entry(kid) {
            return Ok(Lookup::Found(entry));
        }
        if self.source.is_none() {
            return Ok(Lookup::Lacking(Answer::UnknownKey));
        }
        let now = self.clock.monotonic();
        if ticket.is_due(state.schedule.ended()) {
            return Ok(Lookup::Lacking(state.schedule.settle(kid, now)));
        }
        match state.schedule.unknown_kid(kid, now) {
            Ask::Answer(answer) => Ok(Lookup::Lacking(answer)),
            Ask::Wait(fetch) => Err(ticket.wait_for(fetch)),
        }
    }

    pub(super) fn look_for_replacement(
        &self,
        kid: &str,
        generation: u64,
        ticket: &mut Ticket,
    ) -> Result<Option<Entry>, Waiting> {
        let mut state = self.lock();
        let replacement = self.usable_entry(kid).filter(|entry| entry.generation() != generation);
        let answered = ticket.is_due(state.schedule.ended());
        if replacement.is_some() || answered || self.source.is_none() {
            return Ok(replacement);
        }
        match state.schedule.bad_signature(self.clock.monotonic()) {
            None => Ok(None),
            Some(fetch) => Err(ticket.wait_for(fetch)),
        }
    }

    pub(super) fn answer(&self) -> Answer {
        self.lock().schedule.answer(self.clock.monotonic())
    }
}

impl State {
    fn new(schedule: Schedule) -> Self {
        Self { schedule, last_error: None, skipped: Vec::new(), wake: None, task: None, shut_down: false }
    }
}

//! The state that the keyring's clones and its task share, and the look-ups in it.

use std::hash::RandomState;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use crate::jwks::document::Skipped;
use crate::jwks::schedule::{LookupFailure, Schedule, UnknownKid};
use crate::jwks::{KeyError, KeySource};
use crate::time::Clock;
use crate::token::{Algorithm, KeyEntry, Keys};

/// The limit of requests that wait for a fetch at a time.
pub(super) const MAX_WAITING: usize = 64;

/// The result of looking up a key that the current set lacks.
#[derive(Clone, Debug)]
pub(crate) enum Lookup {
    /// A fetch has brought the key.
    Found(KeyEntry),
    Failed(LookupFailure),
}

/// The last good key set. Requests read it without the lock.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub(super) keys: Keys,
    /// The issuer's own spelling of its identifier, if the source knows it.
    pub(super) issuer: Option<String>,
    pub(super) fetched_at: Option<Duration>,
    pub(super) usable_until: Option<Duration>,
}

#[derive(Debug)]
pub(super) struct Shared {
    /// `None` for static keys.
    pub(super) source: Option<Arc<dyn KeySource>>,
    pub(super) allowed: Vec<Algorithm>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) snapshot: ArcSwap<Snapshot>,
    /// `true` if the task is to be started, for the first time or again. Read on every request.
    pub(super) needs_task: AtomicBool,
    pub(super) state: Mutex<State>,
    /// The number of the last fetch that ended. The receivers are also woken when a fetch is aborted and at shutdown.
    pub(super) ended: watch::Sender<u64>,
    pub(super) waiting: Semaphore,
    pub(super) random: RandomState,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) schedule: Schedule,
    pub(super) last_error: Option<KeyError>,
    pub(super) skipped: Vec<Skipped>,
    /// Wakes the task. The task ends when this is dropped.
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
            needs_task: AtomicBool::new(source.is_some()),
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
        // A poisoned lock is used on: no code that holds it can panic and leave the state inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_usable(&self, snapshot: &Snapshot) -> bool {
        match snapshot.usable_until {
            None => false,
            Some(Duration::MAX) => true,
            Some(until) => self.clock.monotonic() <= until,
        }
    }

    pub(super) fn usable_entry(&self, kid: &str) -> Option<KeyEntry> {
        let snapshot = self.snapshot.load();
        snapshot.keys.get(kid).filter(|_| self.is_usable(&snapshot)).cloned()
    }

    /// Returns the failure of a look-up that needs no fetch; `None` if `kid` is there by now or a fetch may bring it.
    pub(super) fn failure_without_fetch(&self, kid: &str) -> Option<LookupFailure> {
        if self.source.is_none() {
            return Some(LookupFailure::UnknownKey);
        }
        let state = self.lock();
        match self.usable_entry(kid) {
            Some(_) => None,
            None => state.schedule.failure_without_fetch(kid, self.clock.monotonic()),
        }
    }

    /// Returns `true` if `kid` now has a key of another `generation`, or a fetch may bring one.
    pub(super) fn may_replace(&self, kid: &str, generation: u64) -> bool {
        if self.source.is_none() {
            return false;
        }
        let state = self.lock();
        self.usable_entry(kid).is_some_and(|entry| entry.generation() != generation)
            || state.schedule.may_replace(self.clock.monotonic())
    }

    /// Looks up `kid`. `Err` has the number of the fetch to wait for; `waited_for` is the one that the caller waited for.
    pub(super) fn look_up(&self, kid: &str, waited_for: Option<u64>) -> Result<Lookup, u64> {
        // New keys are stored under this lock, so a fetch cannot end between the look at the keys and the request for it.
        let mut state = self.lock();
        if let Some(entry) = self.usable_entry(kid) {
            return Ok(Lookup::Found(entry));
        }
        if self.source.is_none() {
            return Ok(Lookup::Failed(LookupFailure::UnknownKey));
        }
        let now = self.clock.monotonic();
        if state.has_ended(waited_for) {
            return Ok(Lookup::Failed(state.schedule.failure_after_fetch(kid, now)));
        }
        match state.schedule.unknown_kid(kid, now) {
            UnknownKid::Fail(failure) => Ok(Lookup::Failed(failure)),
            UnknownKid::Wait(fetch) => Err(fetch),
        }
    }

    /// Looks for a key of this `kid` that is not of this `generation`; otherwise as [`look_up`](Self::look_up).
    pub(super) fn look_for_replacement(
        &self,
        kid: &str,
        generation: u64,
        waited_for: Option<u64>,
    ) -> Result<Option<KeyEntry>, u64> {
        let mut state = self.lock();
        let replacement = self.usable_entry(kid).filter(|entry| entry.generation() != generation);
        if replacement.is_some() || state.has_ended(waited_for) || self.source.is_none() {
            return Ok(replacement);
        }
        state.schedule.bad_signature(self.clock.monotonic()).map_or(Ok(None), Err)
    }

    pub(super) fn failure_at_once(&self) -> LookupFailure {
        self.lock().schedule.failure_at_once(self.clock.monotonic())
    }
}

impl State {
    fn new(schedule: Schedule) -> Self {
        Self { schedule, last_error: None, skipped: Vec::new(), wake: None, task: None, shut_down: false }
    }

    /// Returns `true` if a request waited for this fetch and it has ended.
    fn has_ended(&self, fetch: Option<u64>) -> bool {
        fetch.is_some_and(|fetch| self.schedule.ended() >= fetch)
    }
}

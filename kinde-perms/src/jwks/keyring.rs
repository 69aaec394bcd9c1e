//! The issuer's keys at run time: read without locks, refreshed by a background task, kept through an outage.
//!
//! 1. [`Keyring::current`] loads a [`Snapshot`] without a lock. For a token whose key is in the snapshot, that is all.
//! 2. For a token whose `kid` the snapshot lacks, [`Keyring::find`] takes the lock and asks the [`Schedule`]: it fails at
//!    once, or waits for a fetch by a [`FetchWait`]. [`Keyring::report_bad_signature`] does the same for a token whose
//!    signature does not fit the key, because the issuer may have replaced the key under its id.
//! 3. One background task (`task`) makes all fetches. `refresh` parses the fetched document, stores a new [`Snapshot`] under
//!    the lock, and wakes the requests that wait.
//! 4. The task holds the keyring weakly, so it ends with the last clone. A guard inside the task notices any other end. The
//!    usual cause is that its runtime is gone, as when several `#[tokio::test]`s share a `static`. The next request then
//!    starts the task again, on its own runtime.

mod events;
mod refresh;
mod shared;
mod task;
mod wait;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::Guard;

pub(crate) use self::shared::Lookup;

use self::shared::{Shared, Snapshot};
use self::wait::{FetchWait, WAIT_LIMIT};
use super::health::Health;
use super::race::race;
use super::schedule::{LookupFailure, Schedule};
use super::{KeyError, KeySource};
use crate::meter;
use crate::time::Clock;
use crate::token::{Algorithm, KeyEntry, Keys};

/// The number of attempts at start-up, and the pause after the first one; each further pause is twice as long.
const START_ATTEMPTS: u32 = 3;
const START_PAUSE: Duration = Duration::from_secs(1);

/// An issuer's keys, refreshed in the background; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Keyring {
    shared: Arc<Shared>,
}

/// The keys at one moment. Do not hold it across an `.await`: it keeps the old set alive.
#[derive(Debug)]
pub(crate) struct CurrentKeys {
    snapshot: Guard<Arc<Snapshot>>,
    usable: bool,
}

impl Keyring {
    /// Creates a keyring that fetches from `source` as soon as it is used on a Tokio runtime.
    ///
    /// The last good set is used until it is `max_stale` old.
    pub(crate) fn new(
        source: Arc<dyn KeySource>,
        allowed: Vec<Algorithm>,
        max_stale: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared::new(
                Some(source),
                allowed,
                Schedule::new(max_stale),
                Snapshot::default(),
                clock,
            )),
        }
    }

    /// Creates a keyring of keys that never change and never expire, for use without a network.
    pub(crate) fn fixed(keys: Keys, clock: Arc<dyn Clock>) -> Self {
        let snapshot = Snapshot { keys, usable_until: Some(Duration::MAX), ..Snapshot::default() };
        Self {
            shared: Arc::new(Shared::new(None, Vec::new(), Schedule::new(Duration::MAX), snapshot, clock)),
        }
    }

    /// Fetches the keys for the first time, in up to three attempts; only a transient error is worth another one.
    ///
    /// # Errors
    ///
    /// The error of the last attempt.
    pub(crate) async fn connect(&self) -> Result<(), KeyError> {
        let mut pause = START_PAUSE;
        for _ in 1..START_ATTEMPTS {
            match self.refresh_now().await {
                Err(error) if error.is_transient() => self.shared.clock.sleep(pause).await,
                result => return result,
            }
            pause = pause.saturating_mul(2);
        }
        self.refresh_now().await
    }

    /// Starts the background task if there is a runtime and the task is not running.
    pub(crate) fn start(&self) {
        self.shared.ensure_task();
    }

    /// Returns the keys at this moment, without a lock and without waiting.
    pub(crate) fn current(&self) -> CurrentKeys {
        self.shared.ensure_task();
        let snapshot = self.shared.snapshot.load();
        let usable = self.shared.is_usable(&snapshot);
        CurrentKeys { snapshot, usable }
    }

    /// Returns the failure of [`find`](Self::find) if it needs no fetch; `None` if a fetch may bring the key.
    pub(crate) fn failure_without_fetch(&self, kid: &str) -> Option<LookupFailure> {
        let failure = self.shared.failure_without_fetch(kid)?;
        meter::looked_up(failure.as_str());
        Some(failure)
    }

    /// Returns `true` if [`report_bad_signature`](Self::report_bad_signature) may return another key, with or without a
    /// fetch.
    pub(crate) fn may_replace(&self, kid: &str, generation: u64) -> bool {
        self.shared.may_replace(kid, generation)
    }

    /// Looks for a key that the current set lacks. This may cause a fetch, and takes 2 s at most.
    ///
    /// Call only for a token that would be accepted if its signature were good: a call may spend the budget of fetches.
    pub(crate) async fn find(&self, kid: &str) -> Lookup {
        let lookup = self.look_up(kid).await;
        meter::looked_up(match &lookup {
            Lookup::Found(_) => "found",
            Lookup::Failed(failure) => failure.as_str(),
        });
        lookup
    }

    async fn look_up(&self, kid: &str) -> Lookup {
        let shared = &self.shared;
        let mut wait = FetchWait::new(shared);
        loop {
            match shared.look_up(kid, wait.fetch()) {
                Ok(lookup) => return lookup,
                Err(fetch) if wait.until_ended(fetch).await => {}
                Err(_) => return Lookup::Failed(shared.failure_at_once()),
            }
        }
    }

    /// Returns the key by which the issuer replaced the key of this `kid` and `generation`; `None` if there is no other key.
    /// This may cause a fetch, and takes 2 s at most.
    ///
    /// Call only for a token that would be accepted if its signature were good: a call may spend the budget of fetches.
    pub(crate) async fn report_bad_signature(&self, kid: &str, generation: u64) -> Option<KeyEntry> {
        let shared = &self.shared;
        let mut wait = FetchWait::new(shared);
        loop {
            match shared.look_for_replacement(kid, generation, wait.fetch()) {
                Ok(replacement) => return replacement,
                Err(fetch) if wait.until_ended(fetch).await => {}
                Err(_) => return None,
            }
        }
    }

    /// Fetches the keys now, regardless of the schedule. Static keys are not fetched.
    ///
    /// # Errors
    ///
    /// The error of the fetch. The last good keys are kept.
    pub(crate) async fn refresh_now(&self) -> Result<(), KeyError> {
        let shared = &self.shared;
        if shared.source.is_none() {
            return Ok(());
        }
        let mut ended = shared.ended.subscribe();
        let wanted = shared.lock().schedule.demand();
        while *ended.borrow_and_update() < wanted {
            if !shared.wake_task() || ended.changed().await.is_err() {
                return Err(KeyError::Stopped);
            }
        }
        shared.lock().last_error.clone().map_or(Ok(()), Err)
    }

    /// Ends the background task. The last good keys stay in use until they are too old.
    pub(crate) async fn shutdown(&self) {
        let task = self.shared.stop();
        if let Some(task) = task {
            // The limit is for a runtime that is not being driven: it never ends its tasks.
            race(task, self.shared.clock.sleep(WAIT_LIMIT)).await;
        }
    }

    /// Returns the state of the keys.
    pub(crate) fn health(&self) -> Health {
        let shared = &self.shared;
        let snapshot = shared.snapshot.load();
        let now = shared.clock.monotonic();
        let state = shared.lock();
        let will_refresh = shared.source.is_some() && !state.shut_down;
        Health {
            key_count: snapshot.keys.len(),
            age: snapshot.fetched_at.map(|fetched_at| now.saturating_sub(fetched_at)),
            last_error: state.last_error.clone(),
            next_refresh: will_refresh.then(|| state.schedule.until_due(now)),
            usable: shared.is_usable(&snapshot),
        }
    }
}

impl CurrentKeys {
    /// Returns the keys, unless there are none yet or they are too old to be used.
    pub(crate) fn keys(&self) -> Option<&Keys> {
        self.usable.then_some(&self.snapshot.keys)
    }

    /// Returns the issuer's own spelling of its identifier, if the source knows it.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.snapshot.issuer.as_deref()
    }
}

#[cfg(test)]
mod tests;

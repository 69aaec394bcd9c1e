//! The running key set: read without locks, refreshed by a background task, never lost to an outage.
//!
//! Requests read a snapshot. Only a request whose token names a key that the snapshot lacks, or bears a signature that
//! does not fit, takes the lock, and may wait for a fetch that [`Schedule`] allows. All fetches are made by one task.
//! It holds the keyring weakly, so it ends with its last clone, and a guard inside it notes when it ends in any other
//! way: most likely its runtime is gone, as with a `static` that is shared by several `#[tokio::test]`s. The next
//! request then starts it anew on its own runtime.

mod events;
mod refresh;
mod shared;
mod task;
mod ticket;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::Guard;

use self::shared::{Shared, Snapshot};
use self::ticket::{Ticket, Waiting};
use super::health::Health;
use super::race::race;
use super::schedule::{Answer, Schedule};
use super::{KeyError, KeySource};
use crate::meter;
use crate::time::Clock;
use crate::token::{Algorithm, Entry, Keys};

/// How long a request waits for a fetch, and how many may wait at a time.
const WAIT_LIMIT: Duration = Duration::from_secs(2);
const MAX_WAITING: usize = 64;
/// How often start-up tries, and how long it pauses after the first failure; the pause doubles.
const START_ATTEMPTS: u32 = 3;
const START_PAUSE: Duration = Duration::from_secs(1);

/// An issuer's keys, kept fresh; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Keyring {
    shared: Arc<Shared>,
}

/// How a request for a key that is not in the current set ends.
#[derive(Clone, Debug)]
pub(crate) enum Lookup {
    /// The key is there now.
    Found(Entry),
    /// It is not, for a reason.
    Lacking(Answer),
}

/// The keys at one moment; to be dropped soon, and not to be held while waiting.
#[derive(Debug)]
pub(crate) struct Current {
    snapshot: Guard<Arc<Snapshot>>,
    usable: bool,
}

impl Keyring {
    /// Makes a keyring that fetches from `source` as soon as it is used on a Tokio runtime.
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

    /// Makes a keyring of keys that never change and never grow old, for use without a network.
    pub(crate) fn fixed(keys: Keys, clock: Arc<dyn Clock>) -> Self {
        let snapshot = Snapshot { keys, usable_until: Some(Duration::MAX), ..Snapshot::default() };
        Self {
            shared: Arc::new(Shared::new(None, Vec::new(), Schedule::new(Duration::MAX), snapshot, clock)),
        }
    }

    /// Fetches the keys for the first time: tries a few times if the cause may pass, and tells it otherwise.
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
    pub(crate) fn current(&self) -> Current {
        self.shared.ensure_task();
        let snapshot = self.shared.snapshot.load();
        let usable = self.shared.is_usable(&snapshot);
        Current { snapshot, usable }
    }

    /// Returns how [`find`](Self::find) would end without a fetch; `None` if a fetch may bring the key.
    pub(crate) fn settled(&self, kid: &str) -> Option<Answer> {
        let answer = self.shared.settled(kid)?;
        meter::looked_up(answer.as_str());
        Some(answer)
    }

    /// Returns `true` if [`report_bad_signature`](Self::report_bad_signature) may find another key, now or by a fetch.
    pub(crate) fn may_replace(&self, kid: &str, generation: u64) -> bool {
        self.shared.may_replace(kid, generation)
    }

    /// Looks for a key that the current set lacks, which may take a fetch and up to 2 s.
    ///
    /// To be called only for a token that would be good if the key were: each call may spend the budget of fetches.
    pub(crate) async fn find(&self, kid: &str) -> Lookup {
        let lookup = self.look_up(kid).await;
        meter::looked_up(match &lookup {
            Lookup::Found(_) => "found",
            Lookup::Lacking(answer) => answer.as_str(),
        });
        lookup
    }

    async fn look_up(&self, kid: &str) -> Lookup {
        let shared = &self.shared;
        let mut ticket = Ticket::new(shared);
        loop {
            match shared.look_up(kid, &mut ticket) {
                Ok(lookup) => return lookup,
                Err(Waiting) if ticket.wait().await => {}
                Err(Waiting) => return Lookup::Lacking(shared.answer()),
            }
        }
    }

    /// Looks whether the issuer replaced the key of this `kid` and `generation`, which may take a fetch and up to 2 s.
    ///
    /// Call only for a token that could pass by another key: a call may spend the budget of fetches. Returns the new key, with
    /// which the signature is worth another try.
    pub(crate) async fn report_bad_signature(&self, kid: &str, generation: u64) -> Option<Entry> {
        let shared = &self.shared;
        let mut ticket = Ticket::new(shared);
        loop {
            match shared.look_for_replacement(kid, generation, &mut ticket) {
                Ok(replacement) => return replacement,
                Err(Waiting) if ticket.wait().await => {}
                Err(Waiting) => return None,
            }
        }
    }

    /// Fetches the keys now, whatever the schedule says; static keys are left alone.
    ///
    /// # Errors
    ///
    /// Why the fetch failed. The last good keys are kept.
    pub(crate) async fn refresh_now(&self) -> Result<(), KeyError> {
        let shared = &self.shared;
        if shared.source.is_none() {
            return Ok(());
        }
        let mut ended = shared.ended.subscribe();
        let wanted = shared.lock().schedule.demand();
        while *ended.borrow_and_update() < wanted {
            if !shared.has_task() || ended.changed().await.is_err() {
                return Err(KeyError::Stopped);
            }
        }
        shared.lock().last_error.clone().map_or(Ok(()), Err)
    }

    /// Ends the background task; the keys at hand are used on until they are too old.
    pub(crate) async fn shutdown(&self) {
        let task = self.shared.stop();
        if let Some(task) = task {
            // A runtime that is not being driven never ends its tasks: not a reason to wait for ever.
            race(task, self.shared.clock.sleep(WAIT_LIMIT)).await;
        }
    }

    /// Tells how the keys are doing.
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

impl Current {
    /// Returns the keys, unless there are none yet or they are too old to be used.
    pub(crate) fn keys(&self) -> Option<&Keys> {
        self.usable.then_some(&self.snapshot.keys)
    }

    /// Returns how the issuer spells its identifier, if the source learnt it.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.snapshot.issuer.as_deref()
    }
}

#[cfg(test)]
mod tests;

//! The life of the task, and what it does with what it fetched.

use std::hash::BuildHasher;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::events;
use super::shared::{Shared, Snapshot};
use super::task::{self, Task};
use crate::jwks::document::{self, KeySet, Skipped};
use crate::jwks::schedule::{Cause, Jitter};
use crate::jwks::{Fetched, KeyError};

impl Shared {
    /// Makes sure that the task runs and looks at the schedule; `false` if there can be no task.
    pub(super) fn has_task(self: &Arc<Self>) -> bool {
        self.ensure_task();
        let state = self.lock();
        let Some(wake) = &state.wake else { return false };
        // A full channel holds a wake-up already; a closed one is a task that has just ended, which stirs the waiters.
        let _ = wake.try_send(());
        true
    }

    pub(super) fn ensure_task(self: &Arc<Self>) {
        if self.task_missing.load(Ordering::Relaxed) {
            self.start_task();
        }
    }

    fn start_task(self: &Arc<Self>) {
        let (Ok(runtime), Some(source)) = (Handle::try_current(), &self.source) else { return };
        let Some(woken) = self.claim_task() else { return };
        // Not under the lock: a runtime that is shutting down drops the task, and so its guard, on the spot.
        let task = runtime.spawn(task::run(Task::new(self, source), woken));
        self.lock().task = Some(task);
    }

    /// Makes the caller the one who starts the task.
    fn claim_task(&self) -> Option<mpsc::Receiver<()>> {
        let mut state = self.lock();
        if !self.task_missing.swap(false, Ordering::Relaxed) || state.shut_down {
            return None;
        }
        let (wake, woken) = mpsc::channel(1);
        state.wake = Some(wake);
        Some(woken)
    }

    /// Lets the task end, and no other begin.
    pub(super) fn stop(&self) -> Option<JoinHandle<()>> {
        let mut state = self.lock();
        self.task_missing.store(false, Ordering::Relaxed);
        state.shut_down = true;
        state.wake = None;
        let task = state.task.take();
        drop(state);
        self.ended.send_modify(|_| ());
        task
    }

    /// Notes that the task ended without being told to; the next request starts another.
    pub(super) fn task_is_gone(&self, panicked: bool) {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        if panicked {
            state.last_error = Some(KeyError::Source("it panicked".to_owned()));
            state.schedule.failed(now, self.jitter(now));
        } else {
            state.schedule.aborted(now);
        }
        state.wake = None;
        self.task_missing.store(!state.shut_down, Ordering::Relaxed);
        let ended = state.schedule.ended();
        drop(state);
        self.ended.send_replace(ended);
    }

    /// Begins a fetch, or tells how long to sleep.
    pub(super) fn begin(&self) -> Result<Cause, Duration> {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        state.schedule.begin(now).ok_or_else(|| state.schedule.until_due(now))
    }

    /// Takes in what the fetch under way brought.
    pub(super) fn finish(&self, cause: Cause, result: Result<Fetched, KeyError>) {
        match result.and_then(|fetched| self.read(fetched)) {
            Ok(fetched) => self.accept(cause, fetched),
            Err(error) => self.refuse(cause, &error),
        }
        let ended = self.lock().schedule.ended();
        self.ended.send_replace(ended);
    }

    fn read(&self, fetched: Fetched) -> Result<(KeySet, Fetched), KeyError> {
        let previous = self.snapshot.load();
        let set = document::read(&fetched.body, &self.allowed, &previous.keys);
        let set = set
            .inspect_err(|error| self.note_skipped(error.skipped()))
            .map_err(|error| KeyError::from(&error))?;
        self.note_skipped(&set.skipped);
        events::replaced(&previous.keys, &set.keys);
        Ok((set, fetched))
    }

    fn accept(&self, cause: Cause, (set, fetched): (KeySet, Fetched)) {
        let now = self.clock.monotonic();
        let count = set.keys.len();
        let mut state = self.lock();
        state.schedule.succeeded(now, fetched.max_age, self.jitter(now));
        state.last_error = None;
        let usable_until = state.schedule.usable_until();
        let snapshot =
            Snapshot { keys: set.keys, issuer: fetched.issuer, fetched_at: Some(now), usable_until };
        self.snapshot.store(Arc::new(snapshot));
        let next = state.schedule.until_due(now);
        // Whoever listens to events may ask for the health of the keys: no event is sent under the lock.
        drop(state);
        events::refreshed(cause, count, self.clock.unix_time(), next);
    }

    fn refuse(&self, cause: Cause, error: &KeyError) {
        let now = self.clock.monotonic();
        let age = self.snapshot.load().fetched_at.map(|fetched_at| now.saturating_sub(fetched_at));
        let mut state = self.lock();
        state.schedule.failed(now, self.jitter(now));
        state.last_error = Some(error.clone());
        let next = state.schedule.until_due(now);
        drop(state);
        events::refresh_failed(cause, error, age, next);
    }

    /// Reports what was left out of a set, once and not with every refresh.
    fn note_skipped(&self, skipped: &[Skipped]) {
        let known = mem::replace(&mut self.lock().skipped, skipped.to_vec());
        skipped.iter().filter(|skipped| !known.contains(skipped)).for_each(events::skipped);
    }

    fn jitter(&self, now: Duration) -> Jitter {
        Jitter::from_random(self.random.hash_one(now))
    }
}

//! Starts and stops the background task, and stores the keys that it fetched.

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
use super::task::{self, FetchTask};
use crate::jwks::document::{self, ParsedKeySet, Skipped};
use crate::jwks::schedule::{FetchCause, Jitter};
use crate::jwks::{Fetched, KeyError};

impl Shared {
    /// Starts the task if necessary and lets it look at the schedule; `false` if no task can run.
    pub(super) fn wake_task(self: &Arc<Self>) -> bool {
        self.ensure_task();
        let state = self.lock();
        let Some(wake) = &state.wake else { return false };
        // A full channel holds a wake-up already. A closed one belongs to a task that has just ended; its guard wakes the
        // requests that wait.
        let _ = wake.try_send(());
        true
    }

    pub(super) fn ensure_task(self: &Arc<Self>) {
        if self.needs_task.load(Ordering::Relaxed) {
            self.start_task();
        }
    }

    fn start_task(self: &Arc<Self>) {
        let (Ok(runtime), Some(source)) = (Handle::try_current(), &self.source) else { return };
        let Some(woken) = self.claim_task() else { return };
        // Not under the lock: a runtime that is shutting down drops the task within `spawn`, and the task's guard locks.
        let task = runtime.spawn(task::run(FetchTask::new(self, source), woken));
        self.lock().task = Some(task);
    }

    /// Gives the right to start the task to one caller at a time.
    fn claim_task(&self) -> Option<mpsc::Receiver<()>> {
        let mut state = self.lock();
        if !self.needs_task.swap(false, Ordering::Relaxed) || state.shut_down {
            return None;
        }
        let (wake, woken) = mpsc::channel(1);
        state.wake = Some(wake);
        Some(woken)
    }

    /// Ends the task, and lets no other one start.
    pub(super) fn stop(&self) -> Option<JoinHandle<()>> {
        let mut state = self.lock();
        self.needs_task.store(false, Ordering::Relaxed);
        state.shut_down = true;
        state.wake = None;
        let task = state.task.take();
        drop(state);
        self.ended.send_modify(|_| ());
        task
    }

    /// Records that the task ended. The next request starts another one, except after [`stop`](Self::stop).
    pub(super) fn task_ended(&self, panicked: bool) {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        if panicked {
            state.last_error = Some(KeyError::Source("it panicked".to_owned()));
            state.schedule.failed(now, self.jitter(now));
        } else {
            state.schedule.aborted(now);
        }
        state.wake = None;
        self.needs_task.store(!state.shut_down, Ordering::Relaxed);
        let ended = state.schedule.ended();
        drop(state);
        self.ended.send_replace(ended);
    }

    /// Begins a fetch, or returns the time until the next one is due.
    pub(super) fn begin(&self) -> Result<FetchCause, Duration> {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        state.schedule.begin(now).ok_or_else(|| state.schedule.until_due(now))
    }

    /// Ends the fetch under way: parses and stores its keys, or records its error.
    pub(super) fn finish(&self, cause: FetchCause, result: Result<Fetched, KeyError>) {
        match result.and_then(|fetched| self.read(fetched)) {
            Ok(fetched) => self.accept(cause, fetched),
            Err(error) => self.refuse(cause, &error),
        }
        let ended = self.lock().schedule.ended();
        self.ended.send_replace(ended);
    }

    fn read(&self, fetched: Fetched) -> Result<(ParsedKeySet, Fetched), KeyError> {
        let previous = self.snapshot.load();
        let set = document::read(&fetched.body, &self.allowed, &previous.keys);
        let set = set
            .inspect_err(|error| self.report_skipped(error.skipped()))
            .map_err(|error| KeyError::from(&error))?;
        self.report_skipped(&set.skipped);
        events::replaced(&previous.keys, &set.keys);
        Ok((set, fetched))
    }

    fn accept(&self, cause: FetchCause, (set, fetched): (ParsedKeySet, Fetched)) {
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
        // No event under the lock: a subscriber may ask for the health of the keys, which locks.
        drop(state);
        events::refreshed(cause, count, self.clock.unix_time(), next);
    }

    fn refuse(&self, cause: FetchCause, error: &KeyError) {
        let now = self.clock.monotonic();
        let age = self.snapshot.load().fetched_at.map(|fetched_at| now.saturating_sub(fetched_at));
        let mut state = self.lock();
        state.schedule.failed(now, self.jitter(now));
        state.last_error = Some(error.clone());
        let next = state.schedule.until_due(now);
        drop(state);
        events::refresh_failed(cause, error, age, next);
    }

    /// Reports the keys that were left out of a set, unless the last set reported the same.
    fn report_skipped(&self, skipped: &[Skipped]) {
        let known = mem::replace(&mut self.lock().skipped, skipped.to_vec());
        skipped.iter().filter(|skipped| !known.contains(skipped)).for_each(events::skipped);
    }

    fn jitter(&self, now: Duration) -> Jitter {
        Jitter::from_random(self.random.hash_one(now))
    }
}

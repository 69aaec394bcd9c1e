//! Limits the calls to the Account API. A call passes three steps:
//!
//! 1. [`Admission::enqueue`] refuses it at once while a circuit of the [`Breaker`] is open or the queue is full.
//! 2. [`QueuedCall::activate`] waits for one of a few slots, and asks the breaker again: calls ahead of it may have failed.
//! 3. [`ActiveCall::run`] runs it up to its deadline. When the [`ActiveCall`] is dropped, the breaker records the outcome.
//!
//! [`QueuedCall`] and [`ActiveCall`] are guards: a task that is dropped at any step frees its place, slot and permit.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::breaker::{Breaker, CallOutcome, CallerId, Permit};
use super::error::{LiveError, LiveErrorKind};
use super::events;
use crate::jwks::{First, race};
use crate::time::{Clock, Sleep};

/// The limit of calls under way at a time.
const MAX_ACTIVE: usize = 8;

/// The limit of calls at a time, including those that wait for a slot.
const MAX_QUEUED: usize = 256;

/// The deadline of a call, with its wait and all pages, and of the decision of a rule, with all its calls.
pub(super) const MAX_DURATION: Duration = Duration::from_secs(10);

/// The time that a call must have had for its timeout to count as Kinde's failure: the limit for opening a connection.
const FAIR_DURATION: Duration = Duration::from_secs(2);

/// Decides which calls to the Account API run, and when.
pub(super) struct Admission {
    breaker: Mutex<Breaker>,
    places: Arc<Semaphore>,
    slots: Semaphore,
    pub(super) clock: Arc<dyn Clock>,
}

/// A call that has a place in the queue.
pub(super) struct QueuedCall {
    admission: Arc<Admission>,
    pub(super) caller: CallerId,
    _queued: OwnedSemaphorePermit,
}

/// A call that has a slot and a permit of the breaker.
pub(super) struct ActiveCall<'a> {
    admission: &'a Admission,
    permit: Permit,
    outcome: CallOutcome,
    _slot: SemaphorePermit<'a>,
}

impl Admission {
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            breaker: Mutex::default(),
            places: Arc::new(Semaphore::new(MAX_QUEUED)),
            slots: Semaphore::new(MAX_ACTIVE),
            clock: Arc::clone(clock),
        })
    }

    /// Returns a place in the queue, without waiting.
    pub(super) fn enqueue(self: &Arc<Self>, caller: CallerId) -> Result<QueuedCall, LiveError> {
        if let Some(wait) = self.wait(&caller) {
            return Err(paused(wait));
        }
        let queued = Arc::clone(&self.places).try_acquire_owned().map_err(|_| LiveErrorKind::Overloaded)?;
        Ok(QueuedCall { admission: Arc::clone(self), caller, _queued: queued })
    }

    /// Returns the wait that open circuits impose on this caller.
    pub(super) fn wait(&self, caller: &CallerId) -> Option<Duration> {
        self.breaker().wait(&caller.organization, self.clock.monotonic())
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a future up to the deadline of a rule.
    pub(super) async fn within_deadline<T>(
        &self,
        calls: impl Future<Output = Result<T, LiveError>>,
    ) -> Result<T, LiveError> {
        within(calls, self.clock.sleep(MAX_DURATION)).await
    }
}

impl QueuedCall {
    /// Waits for a slot, until the deadline of the call, and for the breaker's permit.
    pub(super) async fn activate(&self, deadline: &mut Sleep) -> Result<ActiveCall<'_>, LiveError> {
        let admission = &*self.admission;
        let First::Left(Ok(slot)) = race(admission.slots.acquire(), deadline).await else {
            return Err(LiveErrorKind::Overloaded.into());
        };
        let permit = admission.breaker().admit(self.caller, admission.clock.monotonic()).map_err(paused)?;
        Ok(ActiveCall { admission, permit, outcome: CallOutcome::Abandoned, _slot: slot })
    }
}

impl ActiveCall<'_> {
    /// Runs the call up to its deadline, and keeps its outcome for the breaker.
    pub(super) async fn run<T>(
        mut self,
        call: impl Future<Output = Result<T, LiveError>>,
        deadline: Sleep,
    ) -> Result<T, LiveError> {
        let clock = &self.admission.clock;
        let started_at = clock.monotonic();
        let answer = within(call, deadline).await;
        events::called(&answer);
        // If most of the deadline passed in the queue, Kinde had little time, so the timeout is not Kinde's failure.
        let had_time = clock.monotonic().saturating_sub(started_at) >= FAIR_DURATION;
        self.outcome = match &answer {
            Ok(_) => CallOutcome::Answered,
            Err(error) if !had_time && *error.kind() == LiveErrorKind::TimedOut => CallOutcome::Abandoned,
            Err(error) => error.outcome(),
        };
        answer
    }
}

/// Reports the outcome to the breaker before the slot is free for the next call.
impl Drop for ActiveCall<'_> {
    fn drop(&mut self) {
        let now = self.admission.clock.monotonic();
        let changes = self.admission.breaker().record(&self.permit, self.outcome, now);
        changes.into_iter().flatten().for_each(events::changed);
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").finish_non_exhaustive()
    }
}

async fn within<T>(
    call: impl Future<Output = Result<T, LiveError>>,
    deadline: Sleep,
) -> Result<T, LiveError> {
    match race(call, deadline).await {
        First::Left(answer) => answer,
        First::Right(()) => Err(LiveErrorKind::TimedOut.into()),
    }
}

fn paused(wait: Duration) -> LiveError {
    LiveError::new(LiveErrorKind::Paused).with_retry_after(Some(wait))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::jwks::testing::{ManualClock, advance, manual_clock};
    use crate::token::Digest;

    /// Returns `true` if the global circuit is open after one call each of three organizations timed out after `duration`.
    async fn is_paused_after(duration: Duration) -> bool {
        let clock = manual_clock();
        let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let admission = Admission::new(&shared);
        let caller = |name: &str| {
            let [token, user, organization] = [Digest::of(name.as_bytes()); 3];
            CallerId { token, user, organization }
        };
        for name in ["a", "b", "c"] {
            let queued = admission.enqueue(caller(name)).unwrap();
            let mut deadline = clock.sleep(duration);
            let active = queued.activate(&mut deadline).await.unwrap();
            let (answer, ()) =
                tokio::join!(active.run(pending::<Result<(), _>>(), deadline), advance(&clock, duration));
            assert_eq!(answer.unwrap_err().kind(), &LiveErrorKind::TimedOut);
        }
        admission.wait(&caller("d")).is_some()
    }

    #[tokio::test]
    async fn a_timeout_after_little_time_with_kinde_does_not_open_a_circuit() {
        assert!(is_paused_after(FAIR_DURATION).await);
        assert!(!is_paused_after(FAIR_DURATION / 2).await);
    }
}

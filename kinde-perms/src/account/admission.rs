//! The way of every question to the Account API, in the order in which it is gone:
//!
//! 1. [`Admission::enter`] refuses at once while the [`Breaker`] does, or while too many questions wait.
//! 2. [`Place::turn`] waits for one of a few slots, and asks the breaker again: the questions in front may have failed.
//! 3. [`Turn::ask`] asks, and its end tells the breaker what came of it.
//!
//! [`Place`] and [`Turn`] are guards: a task that is dropped at any point gives its place, slot and permit back.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::breaker::{Asker, Breaker, Outcome, Permit};
use super::error::{LiveError, LiveErrorKind};
use super::events;
use crate::jwks::{First, race};
use crate::time::{Clock, Sleep};

/// The limit of questions under way at a time.
const MAX_ASKING: usize = 8;

/// The limit of questions at a time, including those that wait for their turn.
const MAX_QUESTIONS: usize = 256;

/// The deadline of a question, with its wait and all pages, and of a rule, with all its questions.
pub(super) const MAX_DURATION: Duration = Duration::from_secs(10);

/// The shortest asking after which a timeout counts as Kinde's failure: as long as making a connection may take.
const FAIR_DURATION: Duration = Duration::from_secs(2);

/// Decides who asks the Account API, and when.
pub(super) struct Admission {
    breaker: Mutex<Breaker>,
    places: Arc<Semaphore>,
    slots: Semaphore,
    pub(super) clock: Arc<dyn Clock>,
}

/// A question's place among those that wait or are under way.
pub(super) struct Place {
    admission: Arc<Admission>,
    pub(super) asker: Asker,
    _queued: OwnedSemaphorePermit,
}

/// The right to ask; ends with the question.
pub(super) struct Turn<'a> {
    admission: &'a Admission,
    permit: Permit,
    outcome: Outcome,
    _slot: SemaphorePermit<'a>,
}

impl Admission {
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            breaker: Mutex::default(),
            places: Arc::new(Semaphore::new(MAX_QUESTIONS)),
            slots: Semaphore::new(MAX_ASKING),
            clock: Arc::clone(clock),
        })
    }

    /// Returns a place in the queue; without waiting.
    pub(super) fn enter(self: &Arc<Self>, asker: Asker) -> Result<Place, LiveError> {
        if let Some(wait) = self.wait(&asker) {
            return Err(paused(wait));
        }
        let queued = Arc::clone(&self.places).try_acquire_owned().map_err(|_| LiveErrorKind::Overloaded)?;
        Ok(Place { admission: Arc::clone(self), asker, _queued: queued })
    }

    /// Returns how long this token has to wait on account of others.
    pub(super) fn wait(&self, asker: &Asker) -> Option<Duration> {
        self.breaker().wait(&asker.organization, self.clock.monotonic())
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up what takes too long.
    pub(super) async fn in_time<T>(
        &self,
        asking: impl Future<Output = Result<T, LiveError>>,
    ) -> Result<T, LiveError> {
        within(asking, self.clock.sleep(MAX_DURATION)).await
    }
}

impl Place {
    /// Waits for the right to ask, until the deadline of the question.
    pub(super) async fn turn(&self, deadline: &mut Sleep) -> Result<Turn<'_>, LiveError> {
        let admission = &*self.admission;
        let First::Left(Ok(slot)) = race(admission.slots.acquire(), deadline).await else {
            return Err(LiveErrorKind::Overloaded.into());
        };
        let permit = admission.breaker().admit(self.asker, admission.clock.monotonic()).map_err(paused)?;
        Ok(Turn { admission, permit, outcome: Outcome::Abandoned, _slot: slot })
    }
}

impl Turn<'_> {
    /// Asks, and notes how it ended.
    pub(super) async fn ask<T>(
        mut self,
        question: impl Future<Output = Result<T, LiveError>>,
        deadline: Sleep,
    ) -> Result<T, LiveError> {
        let clock = &self.admission.clock;
        let asked_at = clock.monotonic();
        let answer = within(question, deadline).await;
        events::asked(&answer);
        // A question that waited so long that Kinde had little time says nothing about Kinde.
        let had_time = clock.monotonic().saturating_sub(asked_at) >= FAIR_DURATION;
        self.outcome = match &answer {
            Ok(_) => Outcome::Answered,
            Err(error) if !had_time && *error.kind() == LiveErrorKind::TimedOut => Outcome::Abandoned,
            Err(error) => error.outcome(),
        };
        answer
    }
}

/// Tells the breaker, and only then leaves the slot to the next question.
impl Drop for Turn<'_> {
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
    asking: impl Future<Output = Result<T, LiveError>>,
    deadline: Sleep,
) -> Result<T, LiveError> {
    match race(asking, deadline).await {
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
    use crate::jwks::testing::ManualClock;
    use crate::token::Digest;

    /// Questions of three organizations, of which each times out after so long.
    async fn is_paused_after(asking: Duration) -> bool {
        let clock = Arc::new(ManualClock::default());
        let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let admission = Admission::new(&shared);
        let asker = |name: &str| {
            let [token, user, organization] = [Digest::of(name.as_bytes()); 3];
            Asker { token, user, organization }
        };
        for name in ["a", "b", "c"] {
            let place = admission.enter(asker(name)).unwrap();
            let mut deadline = clock.sleep(asking);
            let turn = place.turn(&mut deadline).await.unwrap();
            let (answer, ()) =
                tokio::join!(turn.ask(pending::<Result<(), _>>(), deadline), clock.advance(asking));
            assert_eq!(answer.unwrap_err().kind(), &LiveErrorKind::TimedOut);
        }
        admission.wait(&asker("d")).is_some()
    }

    #[tokio::test]
    async fn a_timeout_for_want_of_a_turn_stops_nobody() {
        assert!(is_paused_after(FAIR_DURATION).await);
        assert!(!is_paused_after(FAIR_DURATION / 2).await);
    }
}

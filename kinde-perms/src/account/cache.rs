//! Answers that are shared: by requests that come at the same time, and by those of the next minute.
//!
//! A failure is kept as an answer is, until Kinde may be asked again, so that one token cannot ask for nothing all the time.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::admission::{Admission, MAX_DURATION, Place, Turn};
use super::breaker::Asker;
use super::error::{LiveError, LiveErrorKind};
use crate::jwks::{First, race};
use crate::time::Sleep;
use crate::token::Digest;

/// How many tokens are remembered, and how many may wait.
const MAX_ENTRIES: usize = 1024;

/// Whose answer it is, and to which question.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    token: Digest,
    detail: Box<str>,
}

type Answer<T> = Result<Arc<T>, LiveError>;

/// The end of a question that many may wait for; each of them has a receiver, the task that asks has the sender.
type Waiting<T> = watch::Receiver<Option<Answer<T>>>;
type Asking<T> = watch::Sender<Option<Answer<T>>>;

/// The answers to one kind of question.
pub(super) struct Cache<T> {
    entries: Mutex<HashMap<Key, Entry<T>>>,
    kept_for: Duration,
    admission: Arc<Admission>,
}

enum Entry<T> {
    Asking(Weak<Asking<T>>),
    Known { answer: Answer<T>, until: Duration },
}

/// What a request finds.
enum Found<T> {
    Answer(Answer<T>),
    Asking(Waiting<T>),
    /// Nothing: this request asks, for all that come while it waits.
    Nobody(Place, Arc<Asking<T>>, Waiting<T>),
}

impl<T: Send + Sync + 'static> Cache<T> {
    pub(super) fn new(kept_for: Duration, admission: &Arc<Admission>) -> Arc<Self> {
        Arc::new(Self { entries: Mutex::default(), kept_for, admission: Arc::clone(admission) })
    }

    /// Returns the answer that is kept, or waits for the one that is being asked for, or asks.
    ///
    /// Asking is a task of its own: a request that is given up does not take the answer from the others.
    pub(super) async fn get<F>(self: &Arc<Self>, asker: Asker, detail: &str, ask: F) -> Answer<T>
    where
        F: Future<Output = Result<T, LiveError>> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| interrupted())?;
        let key = Key { token: asker.token, detail: detail.into() };
        let waiting = match self.find(&key, asker)? {
            Found::Answer(answer) => return answer,
            Found::Asking(waiting) => waiting,
            Found::Nobody(place, sender, waiting) => {
                runtime.spawn(Arc::clone(self).settle(key, place, ask, sender));
                waiting
            }
        };
        outcome(waiting).await
    }

    fn find(&self, key: &Key, asker: Asker) -> Result<Found<T>, LiveError> {
        let now = self.now();
        let mut entries = self.entries();
        match entries.get(key) {
            Some(Entry::Known { answer, until }) if now < *until => {
                let answer = answer.clone().map_err(|error| self.with_wait(error, &asker, *until));
                return Ok(Found::Answer(answer));
            }
            // A sender that is gone went with its runtime: somebody else has to ask.
            Some(Entry::Asking(sender)) => {
                if let Some(sender) = sender.upgrade() {
                    return Ok(Found::Asking(sender.subscribe()));
                }
            }
            _ => {}
        }
        let place = self.admission.enter(asker)?;
        make_room(&mut entries, now)?;
        let (sender, waiting) = watch::channel(None);
        let sender = Arc::new(sender);
        entries.insert(key.clone(), Entry::Asking(Arc::downgrade(&sender)));
        Ok(Found::Nobody(place, sender, waiting))
    }

    /// Asks, keeps what comes of it, and tells whoever waits.
    async fn settle<F>(self: Arc<Self>, key: Key, place: Place, ask: F, sender: Arc<Asking<T>>)
    where
        F: Future<Output = Result<T, LiveError>>,
    {
        let mut deadline = self.admission.clock.sleep(MAX_DURATION);
        let Some(turn) = self.turn(&key, &place, &mut deadline, &sender).await else { return };
        let asked_at = self.now();
        let answer = match turn {
            Ok(turn) => {
                let answer = turn.ask(ask, deadline).await.map(Arc::new);
                let until = self.kept_until(&answer, asked_at);
                self.entries().insert(key, Entry::Known { answer: answer.clone(), until });
                answer.map_err(|error| self.with_wait(error, &place.asker, until))
            }
            // Kinde was not asked, so there is nothing to keep.
            Err(error) => {
                self.entries().remove(&key);
                Err(error)
            }
        };
        sender.send_replace(Some(answer));
    }

    /// Waits for the turn of a question; `None` if nobody waits for the answer any more.
    async fn turn<'a>(
        &self,
        key: &Key,
        place: &'a Place,
        deadline: &mut Sleep,
        sender: &Asking<T>,
    ) -> Option<Result<Turn<'a>, LiveError>> {
        let mut turn = pin!(place.turn(deadline));
        loop {
            match race(turn.as_mut(), sender.closed()).await {
                First::Left(turn) => return Some(turn),
                First::Right(()) if self.forget_deserted(key, sender) => return None,
                First::Right(()) => {}
            }
        }
    }

    /// Removes a question that nobody waits for; a request that came meanwhile keeps it.
    fn forget_deserted(&self, key: &Key, sender: &Asking<T>) -> bool {
        let mut entries = self.entries();
        let deserted = sender.receiver_count() == 0;
        if deserted {
            entries.remove(key);
        }
        deserted
    }

    /// An answer is as old as the question: what it says may have changed since then. A failure stands from now on.
    fn kept_until(&self, answer: &Answer<T>, asked_at: Duration) -> Duration {
        match answer {
            Ok(_) => asked_at.saturating_add(self.kept_for),
            Err(error) => self.now().saturating_add(error.retry_after()),
        }
    }

    /// Returns a kept failure with what is left of its wait, and not less than others make this token wait.
    fn with_wait(&self, error: LiveError, asker: &Asker, until: Duration) -> LiveError {
        let left = until.saturating_sub(self.now());
        error.with_retry_after(self.admission.wait(asker).max(Some(left)))
    }

    fn now(&self) -> Duration {
        self.admission.clock.monotonic()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Entry<T>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what is too old, and then what is about to be; waiting requests are never forgotten.
fn make_room<T>(entries: &mut HashMap<Key, Entry<T>>, now: Duration) -> Result<(), LiveError> {
    if entries.len() < MAX_ENTRIES {
        return Ok(());
    }
    entries.retain(|_, entry| match entry {
        Entry::Asking(sender) => sender.strong_count() > 0,
        Entry::Known { until, .. } => now < *until,
    });
    if entries.len() < MAX_ENTRIES {
        return Ok(());
    }
    let known = entries.iter().filter_map(|(key, entry)| match entry {
        Entry::Known { until, .. } => Some((*until, key)),
        Entry::Asking(_) => None,
    });
    let oldest = known.min_by_key(|(until, _)| *until).map(|(_, key)| key.clone());
    entries.remove(&oldest.ok_or(LiveErrorKind::Overloaded)?);
    Ok(())
}

async fn outcome<T>(mut waiting: Waiting<T>) -> Answer<T> {
    match waiting.wait_for(Option::is_some).await {
        Ok(answer) => answer.clone().unwrap_or_else(|| Err(interrupted())),
        Err(_) => Err(interrupted()),
    }
}

fn interrupted() -> LiveError {
    LiveErrorKind::Connection("the request was interrupted".to_owned()).into()
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("kept_for", &self.kept_for).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        Key { token: Digest::of(&number.to_be_bytes()), detail: "".into() }
    }

    fn full(until: impl Fn(u64) -> Duration) -> HashMap<Key, Entry<()>> {
        let failure = || Err(LiveErrorKind::TimedOut.into());
        let entry = |n: usize| Entry::Known { answer: failure(), until: until(u64::try_from(n).unwrap()) };
        (0..MAX_ENTRIES).map(|n| (key(n), entry(n))).collect()
    }

    #[test]
    fn what_is_over_makes_room_and_then_what_is_over_first() {
        let now = Duration::from_secs(10);
        let mut entries = full(Duration::from_secs);
        make_room(&mut entries, now).unwrap();
        assert_eq!(entries.len(), MAX_ENTRIES - 11);
        let mut entries = full(|n| now + Duration::from_secs(n + 1));
        make_room(&mut entries, now).unwrap();
        assert_eq!(entries.len(), MAX_ENTRIES - 1);
        assert!(!entries.contains_key(&key(0)));
    }

    #[test]
    fn a_question_that_is_asked_is_never_forgotten() {
        let (sender, _waiting) = watch::channel(None);
        let sender = Arc::new(sender);
        let asking = |n: usize| (key(n), Entry::Asking(Arc::downgrade(&sender)));
        let mut entries: HashMap<Key, Entry<()>> = (0..MAX_ENTRIES).map(asking).collect();
        let error = make_room(&mut entries, Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), &LiveErrorKind::Overloaded);
        drop(sender);
        make_room(&mut entries, Duration::ZERO).unwrap();
        assert!(entries.is_empty(), "whose task is gone is gone");
    }
}

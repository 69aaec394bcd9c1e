//! Answers that are shared: by requests that come at the same time, and by those of the next minute.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::error::LiveError;
use crate::time::Clock;
use crate::token::Digest;

/// How many tokens are remembered, and how many may wait.
const MAX_ENTRIES: usize = 1024;

/// Whose answer it is, and to which question.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    digest: Digest,
    detail: Box<str>,
}

impl Key {
    pub(super) fn new(digest: Digest, detail: &str) -> Self {
        Self { digest, detail: detail.into() }
    }
}

type Answer<T> = Result<Arc<T>, LiveError>;

/// The end of a question that many may wait for.
type Waiting<T> = watch::Receiver<Option<Answer<T>>>;

/// The answers to one kind of question.
pub(super) struct Cache<T> {
    entries: Mutex<HashMap<Key, Entry<T>>>,
    kept_for: Duration,
    clock: Arc<dyn Clock>,
}

enum Entry<T> {
    Asking(Waiting<T>),
    Known { answer: Arc<T>, asked_at: Duration },
}

/// What a request finds.
enum Found<T> {
    Answer(Arc<T>),
    Asking(Waiting<T>),
    /// Nothing: this request asks, for all that come while it waits.
    Nobody(watch::Sender<Option<Answer<T>>>, Waiting<T>),
}

impl<T: Send + Sync + 'static> Cache<T> {
    pub(super) fn new(kept_for: Duration, clock: &Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { entries: Mutex::default(), kept_for, clock: Arc::clone(clock) })
    }

    /// Returns the answer that is kept, or waits for the one that is being asked for, or asks.
    ///
    /// Asking is a task of its own: a request that is given up does not take the answer from the others.
    pub(super) async fn get<F>(self: &Arc<Self>, key: Key, ask: F) -> Answer<T>
    where
        F: Future<Output = Result<T, LiveError>> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| interrupted())?;
        let waiting = match self.find(&key)? {
            Found::Answer(answer) => return Ok(answer),
            Found::Asking(waiting) => waiting,
            Found::Nobody(sender, waiting) => {
                runtime.spawn(Arc::clone(self).settle(key, ask, sender));
                waiting
            }
        };
        outcome(waiting).await
    }

    fn find(&self, key: &Key) -> Result<Found<T>, LiveError> {
        let now = self.clock.monotonic();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.get(key) {
            Some(Entry::Known { answer, asked_at }) if self.is_fresh(*asked_at, now) => {
                return Ok(Found::Answer(Arc::clone(answer)));
            }
            // A sender that is gone took its runtime's end for an answer: somebody else has to ask.
            Some(Entry::Asking(waiting)) if waiting.has_changed().is_ok() => {
                return Ok(Found::Asking(waiting.clone()));
            }
            _ => {}
        }
        self.make_room(&mut entries, now)?;
        let (sender, waiting) = watch::channel(None);
        entries.insert(key.clone(), Entry::Asking(waiting.clone()));
        Ok(Found::Nobody(sender, waiting))
    }

    /// Forgets what is too old, and then the oldest answer; waiting requests are never forgotten.
    fn make_room(&self, entries: &mut HashMap<Key, Entry<T>>, now: Duration) -> Result<(), LiveError> {
        if entries.len() < MAX_ENTRIES {
            return Ok(());
        }
        entries.retain(|_, entry| match entry {
            Entry::Asking(waiting) => waiting.has_changed().is_ok(),
            Entry::Known { asked_at, .. } => self.is_fresh(*asked_at, now),
        });
        if entries.len() < MAX_ENTRIES {
            return Ok(());
        }
        let known = entries.iter().filter_map(|(key, entry)| match entry {
            Entry::Known { asked_at, .. } => Some((*asked_at, key)),
            Entry::Asking(_) => None,
        });
        let oldest = known.min_by_key(|(asked_at, _)| *asked_at).map(|(_, key)| key.clone());
        entries.remove(&oldest.ok_or(LiveError::Overloaded)?);
        Ok(())
    }

    /// An answer is as old as the question: what it says may have changed since then.
    fn is_fresh(&self, asked_at: Duration, now: Duration) -> bool {
        now.saturating_sub(asked_at) < self.kept_for
    }

    /// Asks, keeps a good answer, and tells whoever waits. A failure is told, but not kept.
    async fn settle<F>(self: Arc<Self>, key: Key, ask: F, sender: watch::Sender<Option<Answer<T>>>)
    where
        F: Future<Output = Result<T, LiveError>>,
    {
        let asked_at = self.clock.monotonic();
        let answer = ask.await.map(Arc::new);
        {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            match &answer {
                Ok(answer) => {
                    entries.insert(key, Entry::Known { answer: Arc::clone(answer), asked_at });
                }
                Err(_) => drop(entries.remove(&key)),
            }
        }
        sender.send_replace(Some(answer));
    }
}

async fn outcome<T>(mut waiting: Waiting<T>) -> Answer<T> {
    match waiting.wait_for(Option::is_some).await {
        Ok(answer) => answer.clone().unwrap_or_else(|| Err(interrupted())),
        Err(_) => Err(interrupted()),
    }
}

fn interrupted() -> LiveError {
    LiveError::Connection("the request was interrupted".to_owned())
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("kept_for", &self.kept_for).finish_non_exhaustive()
    }
}

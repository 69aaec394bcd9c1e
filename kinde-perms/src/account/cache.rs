//! The cache of Kinde's answers, shared by requests that come at the same time and in the next minute.
//!
//! 1. [`AnswerCache::get`] looks up the token and the detail under the lock (`look_up`).
//! 2. A ready entry is returned, until it expires.
//! 3. A pending entry has a call under way; the request waits for its answer.
//! 4. Otherwise the request enqueues a call, stores a pending entry, spawns `call_and_store`, and waits for the answer too.
//! 5. `call_and_store` waits for a slot, runs the call, replaces the pending entry by a ready one, and sends the answer. It
//!    stops before the call if all requests that waited are gone.
//!
//! The entry holds the sender weakly: if the runtime drops the task, the sender is gone and the next request calls again.
//! Failures are stored too, until Kinde may be called again, so one token cannot repeat a failing call all the time.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::admission::{ActiveCall, Admission, MAX_DURATION, QueuedCall};
use super::breaker::CallerId;
use super::error::{LiveError, LiveErrorKind};
use crate::jwks::{First, race};
use crate::time::Sleep;
use crate::token::Digest;

/// The limit of entries, ready and pending ones together.
const MAX_ENTRIES: usize = 1024;

/// The token, and the key of the requested item; empty for a list.
#[derive(Clone, PartialEq, Eq, Hash)]
struct AnswerKey {
    token: Digest,
    detail: Box<str>,
}

type CachedAnswer<T> = Result<Arc<T>, LiveError>;

/// The channel of an answer: each request that waits has a receiver, the task that calls has the sender.
type AnswerReceiver<T> = watch::Receiver<Option<CachedAnswer<T>>>;
type AnswerSender<T> = watch::Sender<Option<CachedAnswer<T>>>;

/// The answers to one kind of call.
pub(super) struct AnswerCache<T> {
    entries: Mutex<HashMap<AnswerKey, AnswerEntry<T>>>,
    kept_for: Duration,
    admission: Arc<Admission>,
}

enum AnswerEntry<T> {
    Pending(Weak<AnswerSender<T>>),
    Ready { answer: CachedAnswer<T>, until: Duration },
}

/// The result of a look-up.
enum CacheLookup<T> {
    Ready(CachedAnswer<T>),
    Pending(AnswerReceiver<T>),
    /// No entry: this request calls Kinde, also for the requests that come in the meantime.
    Vacant(QueuedCall, Arc<AnswerSender<T>>, AnswerReceiver<T>),
}

impl<T: Send + Sync + 'static> AnswerCache<T> {
    pub(super) fn new(kept_for: Duration, admission: &Arc<Admission>) -> Arc<Self> {
        Arc::new(Self { entries: Mutex::default(), kept_for, admission: Arc::clone(admission) })
    }

    /// Returns the stored answer, waits for a pending one, or calls Kinde by `call`.
    ///
    /// The call runs in a task of its own, so a request that is dropped does not end the wait of the others.
    pub(super) async fn get<F>(self: &Arc<Self>, caller: CallerId, detail: &str, call: F) -> CachedAnswer<T>
    where
        F: Future<Output = Result<T, LiveError>> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| interrupted())?;
        let key = AnswerKey { token: caller.token, detail: detail.into() };
        let waiting = match self.look_up(&key, caller)? {
            CacheLookup::Ready(answer) => return answer,
            CacheLookup::Pending(waiting) => waiting,
            CacheLookup::Vacant(queued, sender, waiting) => {
                runtime.spawn(Arc::clone(self).call_and_store(key, queued, call, sender));
                waiting
            }
        };
        outcome(waiting).await
    }

    fn look_up(&self, key: &AnswerKey, caller: CallerId) -> Result<CacheLookup<T>, LiveError> {
        let now = self.now();
        let mut entries = self.entries();
        match entries.get(key) {
            Some(AnswerEntry::Ready { answer, until }) if now < *until => {
                let answer = answer.clone().map_err(|error| self.with_wait(error, &caller, *until));
                return Ok(CacheLookup::Ready(answer));
            }
            // A sender that is gone was dropped with its runtime: this request has to call.
            Some(AnswerEntry::Pending(sender)) => {
                if let Some(sender) = sender.upgrade() {
                    return Ok(CacheLookup::Pending(sender.subscribe()));
                }
            }
            _ => {}
        }
        let queued = self.admission.enqueue(caller)?;
        make_room(&mut entries, now)?;
        let (sender, waiting) = watch::channel(None);
        let sender = Arc::new(sender);
        entries.insert(key.clone(), AnswerEntry::Pending(Arc::downgrade(&sender)));
        Ok(CacheLookup::Vacant(queued, sender, waiting))
    }

    /// Runs a call, stores its answer, and sends it to all requests that wait.
    async fn call_and_store<F>(
        self: Arc<Self>,
        key: AnswerKey,
        queued: QueuedCall,
        call: F,
        sender: Arc<AnswerSender<T>>,
    ) where
        F: Future<Output = Result<T, LiveError>>,
    {
        let mut deadline = self.admission.clock.sleep(MAX_DURATION);
        let Some(active) = self.activate(&key, &queued, &mut deadline, &sender).await else { return };
        let started_at = self.now();
        let answer = match active {
            Ok(active) => {
                let answer = active.run(call, deadline).await.map(Arc::new);
                let until = self.kept_until(&answer, started_at);
                self.entries().insert(key, AnswerEntry::Ready { answer: answer.clone(), until });
                answer.map_err(|error| self.with_wait(error, &queued.caller, until))
            }
            // Kinde was not called, so there is no answer to store.
            Err(error) => {
                self.entries().remove(&key);
                Err(error)
            }
        };
        sender.send_replace(Some(answer));
    }

    /// Waits for a slot; `None` if all requests that waited for the answer are gone.
    async fn activate<'a>(
        &self,
        key: &AnswerKey,
        queued: &'a QueuedCall,
        deadline: &mut Sleep,
        sender: &AnswerSender<T>,
    ) -> Option<Result<ActiveCall<'a>, LiveError>> {
        let mut active = pin!(queued.activate(deadline));
        loop {
            match race(active.as_mut(), sender.closed()).await {
                First::Left(active) => return Some(active),
                First::Right(()) if self.remove_deserted(key, sender) => return None,
                First::Right(()) => {}
            }
        }
    }

    /// Removes a pending entry and returns `true`, unless a request has subscribed to it in the meantime.
    fn remove_deserted(&self, key: &AnswerKey, sender: &AnswerSender<T>) -> bool {
        let mut entries = self.entries();
        let deserted = sender.receiver_count() == 0;
        if deserted {
            entries.remove(key);
        }
        deserted
    }

    /// An answer ages from the start of its call, because Kinde's data may have changed since then. A failure ages from now.
    fn kept_until(&self, answer: &CachedAnswer<T>, started_at: Duration) -> Duration {
        match answer {
            Ok(_) => started_at.saturating_add(self.kept_for),
            Err(error) => self.now().saturating_add(error.retry_after()),
        }
    }

    /// Sets the wait of a stored failure: the rest of its own wait, or the wait of an open circuit if that is longer.
    fn with_wait(&self, error: LiveError, caller: &CallerId, until: Duration) -> LiveError {
        let left = until.saturating_sub(self.now());
        error.with_retry_after(self.admission.wait(caller).max(Some(left)))
    }

    fn now(&self) -> Duration {
        self.admission.clock.monotonic()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<AnswerKey, AnswerEntry<T>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes expired entries, and if there are none, the ready entry that expires first. Pending entries are never removed.
fn make_room<T>(entries: &mut HashMap<AnswerKey, AnswerEntry<T>>, now: Duration) -> Result<(), LiveError> {
    if entries.len() < MAX_ENTRIES {
        return Ok(());
    }
    entries.retain(|_, entry| match entry {
        AnswerEntry::Pending(sender) => sender.strong_count() > 0,
        AnswerEntry::Ready { until, .. } => now < *until,
    });
    if entries.len() < MAX_ENTRIES {
        return Ok(());
    }
    let known = entries.iter().filter_map(|(key, entry)| match entry {
        AnswerEntry::Ready { until, .. } => Some((*until, key)),
        AnswerEntry::Pending(_) => None,
    });
    let oldest = known.min_by_key(|(until, _)| *until).map(|(_, key)| key.clone());
    entries.remove(&oldest.ok_or(LiveErrorKind::Overloaded)?);
    Ok(())
}

async fn outcome<T>(mut waiting: AnswerReceiver<T>) -> CachedAnswer<T> {
    match waiting.wait_for(Option::is_some).await {
        Ok(answer) => answer.clone().unwrap_or_else(|| Err(interrupted())),
        Err(_) => Err(interrupted()),
    }
}

fn interrupted() -> LiveError {
    LiveErrorKind::Connection("the request was interrupted".to_owned()).into()
}

impl<T> fmt::Debug for AnswerCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerCache").field("kept_for", &self.kept_for).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> AnswerKey {
        AnswerKey { token: Digest::of(&number.to_be_bytes()), detail: "".into() }
    }

    fn full(until: impl Fn(u64) -> Duration) -> HashMap<AnswerKey, AnswerEntry<()>> {
        let failure = || Err(LiveErrorKind::TimedOut.into());
        let entry =
            |n: usize| AnswerEntry::Ready { answer: failure(), until: until(u64::try_from(n).unwrap()) };
        (0..MAX_ENTRIES).map(|n| (key(n), entry(n))).collect()
    }

    #[test]
    fn expired_entries_are_removed_first_and_then_the_one_that_expires_next() {
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
    fn a_pending_entry_is_removed_only_if_its_task_is_gone() {
        let (sender, _waiting) = watch::channel(None);
        let sender = Arc::new(sender);
        let asking = |n: usize| (key(n), AnswerEntry::Pending(Arc::downgrade(&sender)));
        let mut entries: HashMap<AnswerKey, AnswerEntry<()>> = (0..MAX_ENTRIES).map(asking).collect();
        let error = make_room(&mut entries, Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), &LiveErrorKind::Overloaded);
        drop(sender);
        make_room(&mut entries, Duration::ZERO).unwrap();
        assert!(entries.is_empty(), "the task is gone");
    }
}

//! A request's wait for a fetch.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::shared::Shared;
use crate::jwks::race::{First, race};
use crate::time::Sleep;

/// The longest wait of a request, for all fetches together.
pub(super) const WAIT_LIMIT: Duration = Duration::from_secs(2);

/// The fetch that a request waits for, and the time that it has left.
pub(super) struct FetchWait {
    ended: watch::Receiver<u64>,
    /// Created by the first wait, because most requests do not wait.
    deadline: Option<Sleep>,
    fetch: Option<u64>,
    shared: Arc<Shared>,
}

impl FetchWait {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self { ended: shared.ended.subscribe(), deadline: None, fetch: None, shared: Arc::clone(shared) }
    }

    /// Returns the number of the fetch that this request waited for; `None` if it has not waited.
    pub(super) fn fetch(&self) -> Option<u64> {
        self.fetch
    }

    /// Waits until a fetch ended or was aborted; `false` if there is no place or no time left to wait.
    ///
    /// The first `fetch` stays the one that counts, even if it is aborted and begun again.
    pub(super) async fn until_ended(&mut self, fetch: u64) -> bool {
        self.fetch.get_or_insert(fetch);
        let Ok(_place) = self.shared.waiting.try_acquire() else { return false };
        if !self.shared.wake_task() {
            return false;
        }
        let deadline = self.deadline.get_or_insert_with(|| self.shared.clock.sleep(WAIT_LIMIT));
        matches!(race(self.ended.changed(), deadline).await, First::Left(Ok(())))
    }
}

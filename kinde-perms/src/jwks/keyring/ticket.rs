//! How a request waits for a fetch.

use std::sync::Arc;

use tokio::sync::watch;

use super::WAIT_LIMIT;
use super::shared::Shared;
use crate::jwks::race::{First, race};
use crate::time::Sleep;

/// A request's wait for a fetch: the time it has left, and the fetch it waits for.
pub(super) struct Ticket {
    ended: watch::Receiver<u64>,
    /// Made when it is first needed: most requests do not wait.
    deadline: Option<Sleep>,
    fetch: Option<u64>,
    shared: Arc<Shared>,
}

/// There is nothing to do but to wait for the fetch of the ticket.
pub(super) struct Waiting;

impl Ticket {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self { ended: shared.ended.subscribe(), deadline: None, fetch: None, shared: Arc::clone(shared) }
    }

    /// Waits until a fetch ended or was aborted; `false` if there is no place or no time left to wait.
    pub(super) async fn wait(&mut self) -> bool {
        let Ok(_place) = self.shared.waiting.try_acquire() else { return false };
        if !self.shared.has_task() {
            return false;
        }
        let deadline = self.deadline.get_or_insert_with(|| self.shared.clock.sleep(WAIT_LIMIT));
        matches!(race(self.ended.changed(), deadline).await, First::Left(Ok(())))
    }

    /// Notes which fetch will answer: the one that was named first, also if it was aborted and begun again.
    pub(super) fn wait_for(&mut self, fetch: u64) -> Waiting {
        self.fetch.get_or_insert(fetch);
        Waiting
    }

    /// Tells whether the fetch that was waited for has ended, when the fetch of this number is the last that did.
    pub(super) fn is_due(&self, ended: u64) -> bool {
        self.fetch.is_some_and(|fetch| ended >= fetch)
    }
}

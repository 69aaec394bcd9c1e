//! The task that makes all fetches.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::mpsc;

use super::shared::Shared;
use crate::jwks::race::{First, race};
use crate::jwks::{Fetched, KeyError, KeySource};
use crate::time::Clock;

/// The longest a fetch may take: a guard against sources that never end; the network has shorter limits of its own.
const FETCH_LIMIT: Duration = Duration::from_secs(15);

/// What the task works with, and, when it is dropped, the note that the task is gone.
///
/// It is dropped with the task, however that ends: by returning, by a panic of the source, or with its runtime.
pub(super) struct Task {
    shared: Weak<Shared>,
    source: Arc<dyn KeySource>,
    clock: Arc<dyn Clock>,
}

impl Task {
    pub(super) fn new(shared: &Arc<Shared>, source: &Arc<dyn KeySource>) -> Self {
        let clock = Arc::clone(&shared.clock);
        Self { shared: Arc::downgrade(shared), source: Arc::clone(source), clock }
    }

    async fn fetch(&self) -> Result<Fetched, KeyError> {
        match race(self.source.fetch(), self.clock.sleep(FETCH_LIMIT)).await {
            First::Left(result) => result,
            First::Right(()) => Err(KeyError::TimedOut),
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.task_is_gone(std::thread::panicking());
        }
    }
}

/// Fetches whenever the schedule says so, until the keyring is gone or shut down.
pub(super) async fn run(task: Task, mut woken: mpsc::Receiver<()>) {
    loop {
        let Some(step) = task.shared.upgrade().map(|shared| shared.begin()) else { return };
        match step {
            Ok(cause) => {
                let First::Left(result) = race(task.fetch(), closed(&mut woken)).await else { return };
                let Some(shared) = task.shared.upgrade() else { return };
                shared.finish(cause, result);
            }
            Err(pause) => {
                if race(task.clock.sleep(pause), woken.recv()).await == First::Right(None) {
                    return;
                }
            }
        }
    }
}

/// Waits until nobody can wake the task any more; a wake-up is met by the look at the schedule that follows the fetch.
async fn closed(woken: &mut mpsc::Receiver<()>) {
    while woken.recv().await.is_some() {}
}

//! The background task that makes all fetches.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::mpsc;

use super::shared::Shared;
use crate::jwks::race::{First, race};
use crate::jwks::{Fetched, KeyError, KeySource};
use crate::time::Clock;

/// The longest duration of a fetch: a guard against a custom source that never ends. `HttpSource` has shorter limits.
const FETCH_LIMIT: Duration = Duration::from_secs(15);

/// The state of the task, and the guard that reports its end.
///
/// It is dropped with the task, however the task ends: by returning, by a panic of the source, or with its runtime.
pub(super) struct FetchTask {
    shared: Weak<Shared>,
    source: Arc<dyn KeySource>,
    clock: Arc<dyn Clock>,
}

impl FetchTask {
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

impl Drop for FetchTask {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.task_ended(std::thread::panicking());
        }
    }
}

/// Fetches when the schedule says so, until the keyring is dropped or shut down.
pub(super) async fn run(task: FetchTask, mut woken: mpsc::Receiver<()>) {
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

/// Waits until the last sender of wake-ups is dropped. Wake-ups are discarded, because [`run`] asks the schedule again after
/// the fetch anyway.
async fn closed(woken: &mut mpsc::Receiver<()>) {
    while woken.recv().await.is_some() {}
}

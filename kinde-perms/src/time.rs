//! The clock. This module alone reads the time and sleeps.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The future that [`Clock::sleep`] returns; it completes when the duration is over.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A source of time that also sleeps. It is injected, so rules about time are tested without waiting.
///
/// Tokens are checked against the wall clock, because `exp` and `nbf` are wall-clock times. The age of keys and the budget
/// of fetches use the monotonic clock: a correction of the system clock can neither prolong the use of a key nor cause a
/// flood of fetches.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the time since 1970-01-01T00:00:00Z, the base of a `NumericDate` (RFC 7519 §2).
    fn unix_time(&self) -> Duration;

    /// Returns the time since an arbitrary origin. It never decreases.
    fn monotonic(&self) -> Duration;

    /// Returns a future that completes once `duration` has passed on the monotonic clock.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it is a value to be named, and has nothing to configure")]
pub struct SystemClock;

static ORIGIN: LazyLock<Instant> = LazyLock::new(now);

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn unix_time(&self) -> Duration {
        self.as_ref().unix_time()
    }

    fn monotonic(&self) -> Duration {
        self.as_ref().monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.as_ref().sleep(duration)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the monotonic clock")]
fn now() -> Instant {
    Instant::now()
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    fn unix_time(&self) -> Duration {
        // A system clock before 1970 reads as 1970: every token is then issued in the future and refused.
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        now().saturating_duration_since(*ORIGIN)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

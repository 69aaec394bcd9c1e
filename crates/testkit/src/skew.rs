//! A clock with a skewed wall time.

use std::sync::Arc;
use std::time::Duration;

use kinde_perms::time::{Clock, Sleep};

/// A clock whose wall time is `seconds` ahead of `clock`, or behind it.
#[derive(Debug)]
pub(super) struct Skewed {
    clock: Arc<dyn Clock>,
    seconds: i64,
}

impl Skewed {
    /// Creates a clock whose wall time is `seconds` ahead of `clock`.
    pub(super) fn by(seconds: i64, clock: &Arc<dyn Clock>) -> Arc<dyn Clock> {
        if seconds == 0 {
            return Arc::clone(clock);
        }
        Arc::new(Self { clock: Arc::clone(clock), seconds })
    }
}

impl Clock for Skewed {
    fn unix_time(&self) -> Duration {
        let (right, skew) = (self.clock.unix_time(), Duration::from_secs(self.seconds.unsigned_abs()));
        if self.seconds < 0 { right.saturating_sub(skew) } else { right.saturating_add(skew) }
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.clock.sleep(duration)
    }
}

//! A number for the key set in use, so that what was judged by a set need not be judged by it again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::time::Clock;

/// The `usable_until` of keys that never grow old.
const ALWAYS: u64 = u64::MAX;

/// Which key set is in use, and until when.
///
/// A set is stored before its number is, and the number before the time until which the set may be used. Whoever reads the
/// three the other way round therefore never finds a set older than its number, nor a time that belongs to a later set.
#[derive(Debug)]
pub(super) struct Revision {
    /// 0 as long as there has been no set.
    number: AtomicU64,
    /// In nanoseconds on the monotonic clock.
    usable_until: AtomicU64,
}

impl Revision {
    /// To be made with the first set; `None` if there is none yet.
    pub(super) fn new(usable_until: Option<Duration>) -> Self {
        Self {
            number: AtomicU64::new(u64::from(usable_until.is_some())),
            usable_until: AtomicU64::new(usable_until.map_or(0, nanoseconds)),
        }
    }

    /// Notes that a set was stored; one at a time.
    pub(super) fn advance(&self, usable_until: Option<Duration>) {
        self.number.fetch_add(1, Ordering::Release);
        self.usable_until.store(usable_until.map_or(0, nanoseconds), Ordering::Release);
    }

    /// Returns the number of the set in use, unless there is none that may be used.
    pub(super) fn current(&self, clock: &dyn Clock) -> Option<u64> {
        let usable_until = self.usable_until.load(Ordering::Acquire);
        let number = self.number.load(Ordering::Acquire);
        let usable = usable_until == ALWAYS || nanoseconds(clock.monotonic()) <= usable_until;
        Some(number).filter(|number| usable && *number > 0)
    }
}

/// Five centuries at most, which is beyond every clock's origin.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(ALWAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SystemClock;

    /// At no time at all the monotonic clock of the operating system shows more than this.
    const FAR: Duration = Duration::from_secs(1 << 32);

    #[test]
    fn every_set_has_a_number_of_its_own() {
        let revision = Revision::new(Some(FAR));
        let first = revision.current(&SystemClock);
        revision.advance(Some(FAR));
        let second = revision.current(&SystemClock);
        assert!(first.is_some() && second.is_some() && first != second, "{first:?} {second:?}");
    }

    #[test]
    fn what_is_not_there_or_too_old_has_none() {
        assert_eq!(Revision::new(None).current(&SystemClock), None);
        assert_eq!(Revision::new(Some(Duration::ZERO)).current(&SystemClock), None);
        assert!(Revision::new(Some(Duration::MAX)).current(&SystemClock).is_some(), "these never grow old");
        let revision = Revision::new(None);
        revision.advance(Some(Duration::ZERO));
        assert_eq!(revision.current(&SystemClock), None);
        revision.advance(Some(FAR));
        assert!(revision.current(&SystemClock).is_some());
    }
}

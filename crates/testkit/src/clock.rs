//! A clock that stands still until a test moves it.

use std::future::ready;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use kinde_perms::time::{Clock, Sleep};

/// 2026-01-01T00:00:00Z. A fixed day keeps the numbers of failing tests the same.
const DEFAULT_UNIX_TIME: Duration = Duration::from_secs(1_767_225_600);

/// A [`Clock`] that tests move by hand; clones are the same clock.
///
/// Nothing waits in real time. [`advance`](Self::advance) moves both clocks and wakes the sleeps that are due.
/// [`wait_for_sleep`](Self::wait_for_sleep) returns once a background task sleeps.
///
/// ```
/// use std::time::Duration;
/// use kinde_perms_testkit::ManualClock;
///
/// let clock = ManualClock::new();
/// let before = clock.monotonic();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.monotonic(), before + Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<ClockState>,
    /// Changes whenever a sleep begins.
    begun: watch::Sender<u64>,
}

#[derive(Debug)]
struct ClockState {
    wall: Duration,
    monotonic: Duration,
    sleepers: Vec<Sleeper>,
}

#[derive(Debug)]
struct Sleeper {
    due: Duration,
    wake: oneshot::Sender<()>,
}

impl ManualClock {
    /// Creates a clock that stands at 2026-01-01T00:00:00Z.
    #[must_use]
    pub fn new() -> Self {
        Self::at(DEFAULT_UNIX_TIME)
    }

    /// Creates a clock that stands at `unix_time`, counted from 1970-01-01T00:00:00Z.
    ///
    /// The monotonic time starts at zero, so that subtracting too much shows in tests.
    #[must_use]
    pub fn at(unix_time: Duration) -> Self {
        let state = ClockState { wall: unix_time, monotonic: Duration::ZERO, sleepers: Vec::new() };
        Self(Arc::new(Inner { state: Mutex::new(state), begun: watch::Sender::new(0) }))
    }

    /// Advances the wall clock and the monotonic clock by `duration`, and wakes the sleeps that are due then.
    ///
    /// The clock jumps once: a woken task that sleeps again counts from the new time.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.wall = state.wall.saturating_add(duration);
        state.monotonic = state.monotonic.saturating_add(duration);
        let due = state.take_due();
        drop(state);
        for sleeper in due {
            // The sleep may have been dropped meanwhile.
            let _ = sleeper.wake.send(());
        }
    }

    /// Advances to the end of the sleep that ends first and returns the distance; `None` if there is no sleep.
    #[expect(clippy::must_use_candidate, reason = "moving the clock is the point, the distance a detail")]
    pub fn advance_to_next_sleep(&self) -> Option<Duration> {
        let next = self.pending_sleeps().first().copied()?;
        self.advance(next);
        Some(next)
    }

    /// Returns the time of the wall clock, counted from 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_time(&self) -> Duration {
        self.state().wall
    }

    /// Returns the time of the monotonic clock.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    /// Returns a future that is ready once the clock has advanced by `duration`.
    #[must_use]
    pub fn sleep(&self, duration: Duration) -> Sleep {
        if duration.is_zero() {
            return Box::pin(ready(()));
        }
        Box::pin(sleep_until_woken(self.clone(), self.begin_sleep(duration)))
    }

    /// Sets the wall clock, as a time server or an administrator does; the monotonic clock is not touched.
    pub fn set_unix_time(&self, unix_time: Duration) {
        self.state().wall = unix_time;
    }

    /// Sets the wall clock back by `duration`; the monotonic clock is not touched.
    pub fn step_wall_back(&self, duration: Duration) {
        let mut state = self.state();
        state.wall = state.wall.saturating_sub(duration);
    }

    /// Returns how long each sleep still lasts, shortest first.
    #[must_use]
    pub fn pending_sleeps(&self) -> Vec<Duration> {
        let state = self.state();
        let awaited = state.sleepers.iter().filter(|sleeper| !sleeper.wake.is_closed());
        let mut left: Vec<_> = awaited.map(|sleeper| sleeper.due.saturating_sub(state.monotonic)).collect();
        left.sort_unstable();
        left
    }

    /// Waits until a sleep is pending on this clock.
    pub async fn wait_for_sleep(&self) {
        self.wait_for_sleeps(1).await;
    }

    /// Waits until at least `count` sleeps are pending on this clock.
    pub async fn wait_for_sleeps(&self, count: usize) {
        let mut begun = self.0.begun.subscribe();
        // The sender lives in `self`, so the wait cannot fail.
        let _ = begun.wait_for(|_| self.pending_sleeps().len() >= count).await;
    }

    fn state(&self) -> MutexGuard<'_, ClockState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a sleep at once instead of at its first poll, so that a test sees it immediately.
    fn begin_sleep(&self, duration: Duration) -> oneshot::Receiver<()> {
        let (wake, woken) = oneshot::channel();
        let mut state = self.state();
        let due = state.monotonic.saturating_add(duration);
        state.sleepers.push(Sleeper { due, wake });
        drop(state);
        self.0.begun.send_modify(|begun| *begun = begun.wrapping_add(1));
        woken
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn unix_time(&self) -> Duration {
        self.unix_time()
    }

    fn monotonic(&self) -> Duration {
        self.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep(duration)
    }
}

/// Owns `clock`, because dropping the last clone would end the sleep early.
async fn sleep_until_woken(clock: ManualClock, woken: oneshot::Receiver<()>) {
    let _ = woken.await;
    drop(clock);
}

impl ClockState {
    fn take_due(&mut self) -> Vec<Sleeper> {
        let now = self.monotonic;
        let (due, pending) =
            mem::take(&mut self.sleepers).into_iter().partition(|sleeper| sleeper.due <= now);
        self.sleepers = pending;
        self.sleepers.retain(|sleeper| !sleeper.wake.is_closed());
        due
    }
}

//! One verification per token at a time.
//!
//! Whoever comes while a token is being verified waits for that verification and then looks into the cache. It waits
//! with its thread, on purpose. The verification is a computation without a single await: it cannot be cancelled, is
//! over in the time in which the waiting thread would have verified the token itself, and ends its flight also when it
//! panics. So nothing is lost by waiting, while a task put to sleep would be woken later than that. Should the other
//! thread be interrupted by the operating system, the wait ends after [`LONGEST_WAIT`] and the token is verified here.
//! Nobody waits twice, so a token that keeps failing costs its callers one wait each, and nobody waits for the
//! verification of a token with another hash.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Far above a verification, which takes some ten microseconds, and far below what a runtime would notice.
const LONGEST_WAIT: Duration = Duration::from_millis(1);

/// Enough that two tokens that are verified at the same time hardly ever meet; if they do, neither waits.
const LANES: usize = 256;

/// The verifications that are under way.
pub(super) struct Flights(Box<[Lane]>);

/// Where one token at a time is verified.
#[derive(Default)]
struct Lane {
    state: Mutex<State>,
    landed: Condvar,
}

#[derive(Default)]
struct State {
    /// The hash of the token that is being verified.
    flying: Option<u64>,
    /// How many verifications have ended.
    landings: u64,
    waiting: usize,
}

/// The place of whoever verifies a token; leaving it lets the others look.
#[must_use]
pub(in crate::validator) struct Flight<'f>(Option<&'f Lane>);

impl Flights {
    pub(super) fn new() -> Self {
        Self((0..LANES).map(|_| Lane::default()).collect())
    }

    /// Waits, if the token of this hash is being verified, and hands over the place of the next one to do so.
    pub(super) fn board(&self, hash: u64) -> Flight<'_> {
        self.board_within(hash, LONGEST_WAIT)
    }

    fn board_within(&self, hash: u64, longest: Duration) -> Flight<'_> {
        let lanes = u64::try_from(LANES).unwrap_or(1);
        let at = hash.checked_rem(lanes).and_then(|at| usize::try_from(at).ok());
        let lane = at.and_then(|at| self.0.get(at));
        Flight(lane.filter(|lane| lane.take(hash, longest)))
    }
}

impl Lane {
    /// Tells whether the lane now belongs to the caller; if not, it verifies without one, and nobody waits for it.
    fn take(&self, hash: u64, longest: Duration) -> bool {
        let mut state = self.lock();
        if state.flying == Some(hash) {
            state = self.wait(state, longest);
        }
        let free = state.flying.is_none();
        if free {
            state.flying = Some(hash);
        }
        free
    }

    fn wait<'l>(&'l self, mut state: MutexGuard<'l, State>, longest: Duration) -> MutexGuard<'l, State> {
        state.waiting = state.waiting.saturating_add(1);
        let awaited = state.landings;
        let flying = |state: &mut State| state.landings == awaited;
        let waited = self.landed.wait_timeout_while(state, longest, flying);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting = state.waiting.saturating_sub(1);
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No statement under this lock can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let Some(lane) = self.0 else { return };
        let mut state = lane.lock();
        state.flying = None;
        state.landings = state.landings.wrapping_add(1);
        if state.waiting > 0 {
            lane.landed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn waiting(flights: &Flights, hash: u64) -> usize {
        let lane = usize::try_from(hash).unwrap() % LANES;
        flights.0[lane].lock().waiting
    }

    fn until(reached: impl Fn() -> bool) {
        while !reached() {
            thread::yield_now();
        }
    }

    #[test]
    fn a_burst_waits_for_the_one_that_flies_and_then_nobody_waits_again() {
        let flights = Flights::new();
        let through = AtomicUsize::new(0);
        let first = flights.board_within(7, LONG);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    // Were one of the eight to make the others wait again, this would take a minute.
                    let flight = flights.board_within(7, LONG);
                    through.fetch_add(1, Ordering::Relaxed);
                    until(|| through.load(Ordering::Relaxed) == 8);
                    drop(flight);
                });
            }
            until(|| waiting(&flights, 7) == 8);
            assert_eq!(through.load(Ordering::Relaxed), 0);
            drop(first);
        });
    }

    #[test]
    fn tokens_of_other_hashes_do_not_wait_even_in_the_same_lane() {
        let flights = Flights::new();
        let lanes = u64::try_from(LANES).unwrap();
        let _first = flights.board_within(7, LONG);
        assert!(flights.board_within(7 + lanes, LONG).0.is_none());
        assert!(flights.board_within(8, LONG).0.is_some());
    }

    #[test]
    fn a_wait_is_bounded_and_leaves_the_lane_to_whom_it_belongs() {
        let flights = Flights::new();
        let first = flights.board_within(7, LONG);
        assert!(flights.board_within(7, Duration::from_millis(1)).0.is_none());
        assert_eq!(flights.0[7].lock().flying, Some(7));
        drop(first);
        assert!(flights.board_within(7, LONG).0.is_some());
    }

    #[test]
    fn a_panic_ends_the_flight() {
        let flights = Flights::new();
        let flown = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _flight = flights.board_within(7, LONG);
                    panic!("on purpose");
                })
                .join()
        });
        assert!(flown.is_err());
        assert!(flights.board_within(7, LONG).0.is_some());
    }
}

//! Counters and reference counts that threads do not fight for.

use std::cell::Cell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More lanes would cost every remembered token memory and spare little: two threads seldom count at the same time.
const MOST_LANES: usize = 8;

/// Returns the number of this thread; threads that start one after the other have different ones.
pub(super) fn of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: Cell<Option<usize>> = const { Cell::new(None) };
    }
    MINE.get().unwrap_or_else(|| {
        let mine = NEXT.fetch_add(1, Ordering::Relaxed);
        MINE.set(Some(mine));
        mine
    })
}

/// Returns how many lanes this machine has a use for; asked once, because the answer is read from files.
pub(super) fn fitting_number() -> usize {
    static NUMBER: LazyLock<usize> =
        LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from).min(MOST_LANES));
    *NUMBER
}

/// Counts of one lane, on cache lines of their own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Lane {
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    Hit,
    Miss,
    Eviction,
}

/// Counts that any number of threads add to.
#[derive(Debug)]
pub(super) struct Counters(Box<[Lane]>);

impl Counters {
    pub(super) fn new() -> Self {
        Self((0..fitting_number()).map(|_| Lane::default()).collect())
    }

    pub(super) fn add(&self, count: Count, number: u64) {
        let lane = pick(&self.0, of_this_thread());
        if let Some(counter) = lane.map(|lane| lane.counter(count)) {
            counter.fetch_add(number, Ordering::Relaxed);
        }
    }

    pub(super) fn sum(&self, count: Count) -> u64 {
        self.0.iter().map(|lane| lane.counter(count).load(Ordering::Relaxed)).fold(0, u64::wrapping_add)
    }
}

impl Lane {
    fn counter(&self, count: Count) -> &AtomicU64 {
        match count {
            Count::Hit => &self.hits,
            Count::Miss => &self.misses,
            Count::Eviction => &self.evictions,
        }
    }
}

/// Returns the lane of a thread; `None` only where there is no lane at all.
pub(super) fn pick<T>(lanes: &[T], thread: usize) -> Option<&T> {
    lanes.get(thread.checked_rem(lanes.len())?)
}

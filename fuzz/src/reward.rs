//! Reports the allocations of an input to libFuzzer, which then looks for inputs that allocate more.

use std::sync::atomic::{AtomicU8, Ordering};

/// The size of a step: libFuzzer keeps an input that reaches a new step.
const STEP: u64 = 512;

/// One counter for each step, up to twice the allowed bytes; libFuzzer reads and clears this section.
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static STEPS: [AtomicU8; 256] = [const { AtomicU8::new(0) }; 256];

/// Increments the counter of each step that the bytes reach.
pub(crate) fn reward(bytes: u64) {
    let steps = usize::try_from(bytes / STEP).unwrap_or(usize::MAX);
    STEPS.iter().take(steps).for_each(|step| step.store(1, Ordering::Relaxed));
}

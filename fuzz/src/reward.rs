//! Tells libFuzzer what an input cost, so that it looks for inputs that cost more.

use std::sync::atomic::{AtomicU8, Ordering};

/// An input that allocates this much more than any before is worth keeping.
const STEP: u64 = 512;

/// One counter for each step up to twice what is allowed; libFuzzer reads and clears whatever is in this section.
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static STEPS: [AtomicU8; 256] = [const { AtomicU8::new(0) }; 256];

/// Counts every step that a number of bytes reaches.
pub(crate) fn reward(bytes: u64) {
    let steps = usize::try_from(bytes / STEP).unwrap_or(usize::MAX);
    STEPS.iter().take(steps).for_each(|step| step.store(1, Ordering::Relaxed));
}

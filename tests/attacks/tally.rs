//! Counts the results of the attacks while they run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::attack::Verdict;

/// The counts, by category.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<String, Count>>);

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    run: u32,
    refused: u32,
    accepted: u32,
    not_applicable: u32,
}

impl Tally {
    /// Notes that a trial began.
    pub(crate) fn begun(&self, category: &str) {
        self.change(category, |count| count.run += 1);
    }

    /// Notes that everything about an attack was as expected.
    pub(crate) fn as_expected(&self, category: &str, verdict: Verdict) {
        self.change(category, |count| match verdict {
            Verdict::Refused => count.refused += 1,
            Verdict::Accepted => count.accepted += 1,
            Verdict::NotApplicable(_) => count.not_applicable += 1,
        });
    }

    fn change(&self, category: &str, change: impl FnOnce(&mut Count)) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(counts.entry(category.to_owned()).or_default());
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = |part: fn(&Count) -> u32| counts.values().map(part).sum::<u32>();
        let (refused, accepted) = (sum(|count| count.refused), sum(|count| count.accepted));
        let by_category: Vec<String> = counts
            .iter()
            .filter(|(_, count)| count.run > 0)
            .map(|(category, count)| format!("{category} {}/{}", count.refused + count.accepted, count.run))
            .collect();
        write!(
            f,
            "attacks: {} run, {} as expected: {refused} refused, {accepted} accepted ({}), {} not applicable",
            sum(|count| count.run),
            refused + accepted,
            by_category.join(", "),
            sum(|count| count.not_applicable),
        )
    }
}

//! Counts the results of the vectors while they run.

use std::sync::{Mutex, PoisonError};

use crate::directory::Directory;

/// The sets of vectors, in the order of the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    WycheproofJws,
    Rfc7520,
}

/// The numbers of vectors of a set that were accepted and refused as expected; failures are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    accepted: u32,
    refused: u32,
}

static COUNTS: Mutex<[Count; 2]> = Mutex::new([Count { accepted: 0, refused: 0 }; 2]);

const SETS: [(Set, &str); 2] = [(Set::WycheproofJws, "Wycheproof JWS"), (Set::Rfc7520, "RFC 7520")];

/// Counts one vector with the expected result.
pub(crate) fn count(set: Set, accepted: bool) {
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let position = SETS.iter().position(|(known, _)| *known == set).unwrap_or_default();
    if let Some(count) = counts.get_mut(position) {
        let slot = if accepted { &mut count.accepted } else { &mut count.refused };
        *slot = slot.saturating_add(1);
    }
}

/// Prints the summary in one line.
pub(crate) fn summary(directory: &Directory) -> String {
    let counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut parts = Vec::new();
    for ((_, name), Count { accepted, refused }) in SETS.iter().zip(counts.iter()) {
        let all = accepted.saturating_add(*refused);
        parts.push(format!("{name} {all} as expected ({accepted} accepted, {refused} refused)"));
    }
    if !directory.is_given() {
        parts.push("they were not given".to_owned());
    }
    format!("vectors: {}", parts.join("; "))
}

//! Works out what a refused token is missing. Runs on refusals only.

use std::cmp::Ordering;

use super::denied::{ClaimFault, Denied, Missing};
use super::node::Leaf;
use super::normal::Normal;
use super::tree::{Facts, Sense};
use crate::claims::Standing;

/// Explains why a rule does not hold.
///
/// Every unmet part of an `all` is named. Of an `any`, whose parts are all unmet, only the one with the fewest missing
/// things is: naming every alternative would send the reader after all of them.
///
/// What Kinde was not asked about is named only if nothing else is known to be missing.
pub(super) fn explain<S: AsRef<str>>(rule: &Normal<S>, facts: &impl Facts) -> Denied {
    let mut missing = unmet(rule, facts);
    if !missing.iter().all(Missing::is_unasked) {
        missing.retain(|one| !one.is_unasked());
    }
    Denied::new(missing)
}

/// What is missing, sorted, each thing once. Nothing for a part that holds, and for one that can never hold.
fn unmet<S: AsRef<str>>(rule: &Normal<S>, facts: &impl Facts) -> Vec<Missing> {
    match rule {
        Normal::Always | Normal::Never => Vec::new(),
        Normal::Held(fact) => unmet_fact(Sense::Positive, fact.as_leaf(), facts).into_iter().collect(),
        Normal::Lacked(fact) => unmet_fact(Sense::Negative, fact.as_leaf(), facts).into_iter().collect(),
        Normal::All(parts) => {
            let mut missing: Vec<_> = parts.iter().flat_map(|part| unmet(part, facts)).collect();
            missing.sort();
            missing.dedup();
            missing
        }
        Normal::Any(parts) => {
            parts.iter().map(|part| unmet(part, facts)).min_by(|a, b| nearer(a, b)).unwrap_or_default()
        }
    }
}

fn unmet_fact(sense: Sense, leaf: Leaf<'_>, facts: &impl Facts) -> Option<Missing> {
    match (facts.standing(&leaf), sense) {
        (Standing::Held, Sense::Positive) | (Standing::Lacking, Sense::Negative) => None,
        (Standing::Lacking, Sense::Positive) => Some(Missing::lacking(leaf)),
        (Standing::Held, Sense::Negative) => Some(Missing::Withheld(leaf.to_owned_fact())),
        (Standing::Unasked(_), _) => Some(unknown(leaf, ClaimFault::NotAsked)),
        (Standing::Unknown, _) => Some(unknown(leaf, facts.fault(&leaf))),
    }
}

fn unknown(leaf: Leaf<'_>, fault: ClaimFault) -> Missing {
    Missing::ClaimUnknown { claim: leaf.claim(), fault }
}

/// Orders alternatives: fewer things first, then what a grant can cure before what it cannot, then by name.
fn nearer(a: &[Missing], b: &[Missing]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

//! Works out what a refused token is missing. Runs on refusals only.

use std::cmp::Ordering;

use super::denied::{ClaimFault, Denied, Missing};
use super::node::Leaf;
use super::normal::Normal;
use super::tree::Sense;
use crate::claims::{Claims, Standing};

/// Explains why a rule does not hold.
///
/// Every unmet part of an `all` is named. Of an `any`, whose parts are all unmet, only the one with the fewest missing
/// things is: naming every alternative would send the reader after all of them.
pub(super) fn explain<S: AsRef<str>>(rule: &Normal<S>, claims: &Claims) -> Denied {
    Denied::new(unmet(rule, claims))
}

/// What is missing, sorted, each thing once. Nothing for a part that holds, and for one that can never hold.
fn unmet<S: AsRef<str>>(rule: &Normal<S>, claims: &Claims) -> Vec<Missing> {
    match rule {
        Normal::Always | Normal::Never => Vec::new(),
        Normal::Held(fact) => unmet_fact(Sense::Positive, fact.as_leaf(), claims).into_iter().collect(),
        Normal::Lacked(fact) => unmet_fact(Sense::Negative, fact.as_leaf(), claims).into_iter().collect(),
        Normal::All(parts) => {
            let mut missing: Vec<_> = parts.iter().flat_map(|part| unmet(part, claims)).collect();
            missing.sort();
            missing.dedup();
            missing
        }
        Normal::Any(parts) => {
            parts.iter().map(|part| unmet(part, claims)).min_by(|a, b| nearer(a, b)).unwrap_or_default()
        }
    }
}

fn unmet_fact(sense: Sense, leaf: Leaf<'_>, claims: &Claims) -> Option<Missing> {
    match (claims.standing(&leaf), sense) {
        (Standing::Held, Sense::Positive) | (Standing::Lacking, Sense::Negative) => None,
        (Standing::Lacking, Sense::Positive) => Some(Missing::lacking(leaf)),
        (Standing::Held, Sense::Negative) => Some(Missing::Withheld(leaf.to_owned_fact())),
        (Standing::Unknown, _) => {
            let fault = if claims.carries(&leaf) { ClaimFault::Malformed } else { ClaimFault::Absent };
            Some(Missing::ClaimUnknown { claim: leaf.claim(), fault })
        }
    }
}

/// Orders alternatives: fewer things first, then what a grant can cure before what it cannot, then by name.
fn nearer(a: &[Missing], b: &[Missing]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

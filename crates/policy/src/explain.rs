//! Works out what a refused token is missing. Runs on refusals only.

use std::collections::BTreeSet;

use super::denied::{Denied, Missing};
use super::fact::Leaf;
use super::facts::{ClaimFault, Facts, Standing};
use super::normal::Normal;
use super::tree::Sense;

/// How many ways to meet a part of a rule are weighed against each other, where alternatives overlap: their number is a
/// product of alternatives.
const MAX_WAYS: usize = 16;

/// Explains why a rule does not hold, by the fewest things that would make it hold.
///
/// What is missing for one part may be missing for another, so ways to meet the whole are compared and not alternatives each
/// by itself.
///
/// What Kinde was not asked about is named only if nothing else is known to be missing.
pub(super) fn explain<S: AsRef<str>>(rule: &Normal<S>, facts: &impl Facts) -> Denied {
    let mut missing = Vec::new();
    if !collect(rule, facts, &mut missing) {
        missing = fewest(&Unmet::of(rule, facts));
    }
    missing.sort();
    missing.dedup();
    if !missing.iter().all(Missing::is_unasked) {
        missing.retain(|one| !one.is_unasked());
    }
    Denied::new(missing)
}

/// Collects what is missing for a rule without alternatives, which most are; `false` if it has some.
fn collect<S: AsRef<str>>(rule: &Normal<S>, facts: &impl Facts, missing: &mut Vec<Missing>) -> bool {
    match rule {
        Normal::Always | Normal::Never => true,
        Normal::Held(fact) => {
            missing.extend(unmet_fact(Sense::Positive, fact.as_leaf(), facts));
            true
        }
        Normal::Lacked(fact) => {
            missing.extend(unmet_fact(Sense::Negative, fact.as_leaf(), facts));
            true
        }
        Normal::All(parts) => parts.iter().all(|part| collect(part, facts, missing)),
        Normal::Any(_) => false,
    }
}

/// What is missing for the nearest way to meet all of it.
fn fewest(unmet: &Unmet) -> Vec<Missing> {
    let mut named = Vec::new();
    unmet.list(&mut named);
    named.sort();
    let named = counted(&named);
    let nearest = unmet.ways(&named).into_iter().next().unwrap_or_default();
    nearest.into_iter().filter_map(|place| named.get(place)).map(|(missing, _)| (*missing).clone()).collect()
}

/// One thing that is missing, and whether several parts name it.
type Named<'a> = (&'a Missing, bool);

fn counted<'a>(sorted: &[&'a Missing]) -> Vec<Named<'a>> {
    let same = sorted.chunk_by(|one, next| one == next);
    same.filter_map(|group| Some((*group.first()?, group.len() > 1))).collect()
}

/// What a token leaves open of a rule.
enum Unmet {
    /// The part holds, or can never hold.
    Nothing,
    One(Missing),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Unmet {
    fn of<S: AsRef<str>>(rule: &Normal<S>, facts: &impl Facts) -> Self {
        let all = |parts: &[Normal<S>]| parts.iter().map(|part| Self::of(part, facts)).collect();
        match rule {
            Normal::Always | Normal::Never => Self::Nothing,
            Normal::Held(fact) => {
                unmet_fact(Sense::Positive, fact.as_leaf(), facts).map_or(Self::Nothing, Self::One)
            }
            Normal::Lacked(fact) => {
                unmet_fact(Sense::Negative, fact.as_leaf(), facts).map_or(Self::Nothing, Self::One)
            }
            Normal::All(parts) => Self::All(all(parts)),
            Normal::Any(parts) => Self::Any(all(parts)),
        }
    }

    fn list<'a>(&'a self, named: &mut Vec<&'a Missing>) {
        match self {
            Self::Nothing => {}
            Self::One(missing) => named.push(missing),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.list(named)),
        }
    }

    /// The ways to meet it, the nearest first: for each, the places in `named` of what is missing.
    fn ways(&self, named: &[Named<'_>]) -> Vec<BTreeSet<usize>> {
        match self {
            Self::Nothing => vec![BTreeSet::new()],
            Self::One(missing) => {
                let place = named.binary_search_by_key(&missing, |(known, _)| *known);
                place.into_iter().map(|place| BTreeSet::from([place])).collect()
            }
            Self::Any(parts) => nearest(named, parts.iter().flat_map(|part| part.ways(named))),
            Self::All(parts) => parts.iter().fold(vec![BTreeSet::new()], |ways, part| {
                let more = part.ways(named);
                nearest(named, ways.iter().flat_map(|way| more.iter().map(move |other| way | other)))
            }),
        }
    }
}

/// Orders ways: fewer things first, then what a grant can cure before what it cannot, then by name.
///
/// Of those with the same things that other parts name as well, the nearest alone is kept: whatever is joined to them
/// later, it stays the nearest. So a rule whose alternatives do not overlap has one way through each part.
fn nearest(named: &[Named<'_>], ways: impl Iterator<Item = BTreeSet<usize>>) -> Vec<BTreeSet<usize>> {
    let shared = |way: &BTreeSet<usize>| -> Vec<usize> {
        way.iter().copied().filter(|place| named.get(*place).is_some_and(|(_, several)| *several)).collect()
    };
    let mut ways: Vec<_> = ways.collect();
    ways.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev())));
    let mut seen = BTreeSet::new();
    ways.retain(|way| seen.insert(shared(way)));
    ways.truncate(MAX_WAYS);
    ways
}

fn unmet_fact(sense: Sense, leaf: Leaf<'_>, facts: &impl Facts) -> Option<Missing> {
    match (facts.standing(&leaf), sense) {
        (Standing::Held, Sense::Positive) | (Standing::Lacking, Sense::Negative) => None,
        (Standing::Lacking, Sense::Positive) => Some(Missing::Lacking(leaf.to_owned_fact())),
        (Standing::Held, Sense::Negative) => Some(Missing::Withheld(leaf.to_owned_fact())),
        (Standing::Incomparable, _) => Some(Missing::Incomparable(leaf.to_owned_fact())),
        (Standing::Unasked(_), _) => Some(unknown(leaf, ClaimFault::NotAsked)),
        (Standing::Unknown, _) => Some(unknown(leaf, facts.fault(&leaf))),
    }
}

fn unknown(leaf: Leaf<'_>, fault: ClaimFault) -> Missing {
    Missing::ClaimUnknown { claim: leaf.kind.claim(), fault }
}

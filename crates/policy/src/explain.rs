//! Explains a refusal: the fewest missing facts that would make the rule hold. Runs on refusals only.
//!
//! 1. Most rules have no alternatives. `collect` lists all that is missing, and gives up at the first `any`.
//! 2. With alternatives, `Unmet::of` copies the rule and keeps only what is missing. `Unmet::list` and `counted` sort the
//!    missing things, so that each has an index, and note which of them several parts name.
//! 3. `Unmet::ways` lists the ways to meet a part. A way is the set of indices that it takes. `Any` has the ways of all its
//!    parts. `All` combines every way of one part with every way of the next, because two parts may lack the same thing,
//!    and a thing counts once.
//! 4. `nearest` orders the ways and keeps the best, at most [`MAX_WAYS`], so that their number stays bounded.
//! 5. `explain` names the things of the first way.

use std::collections::BTreeSet;

use super::denied::{Denied, Missing};
use super::fact::Leaf;
use super::facts::{ClaimFault, Facts, Standing};
use super::normal::Normal;
use super::tree::Sense;

/// The largest number of ways that are kept for one part of a rule. Without a bound, the ways of an `all` would be the
/// product of the ways of its parts.
const MAX_WAYS: usize = 16;

/// Explains why a rule does not hold, by the fewest missing things that would make it hold.
///
/// Facts that Kinde was not asked about are named only if nothing else is missing.
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

/// Collects the missing things of a rule without alternatives. Returns `false` if the rule has alternatives.
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

/// Returns the missing things of the nearest way to meet the whole rule.
fn fewest(unmet: &Unmet) -> Vec<Missing> {
    let mut named = Vec::new();
    unmet.list(&mut named);
    named.sort();
    let named = counted(&named);
    let nearest = unmet.ways(&named).into_iter().next().unwrap_or_default();
    nearest.into_iter().filter_map(|place| named.get(place)).map(|(missing, _)| (*missing).clone()).collect()
}

/// A missing thing, and `true` if several parts of the rule name it.
type Named<'a> = (&'a Missing, bool);

fn counted<'a>(sorted: &[&'a Missing]) -> Vec<Named<'a>> {
    let same = sorted.chunk_by(|one, next| one == next);
    same.filter_map(|group| Some((*group.first()?, group.len() > 1))).collect()
}

/// The parts of a rule that a token does not meet.
enum Unmet {
    /// The part holds, or no token can meet it.
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

    /// Returns the ways to meet the part, nearest first. A way is a set of indices into `named`.
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

/// Sorts ways and keeps the nearest: fewer things first, then things that a grant can cure, then by name.
///
/// A shared thing is one that several parts name, so a later part may need it too and get it for nothing. Ways with equal
/// shared things gain equally from later parts, so `nearest` keeps only the first of them. If no alternatives overlap,
/// each part keeps one way.
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

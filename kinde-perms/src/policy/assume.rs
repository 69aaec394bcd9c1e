//! What is left of a rule when part of the token is known.

use super::node::{Fact, Leaf};
use super::normal::Normal;
use super::rule::Rule;
use super::tree::Sense;
use crate::claims::Standing;

impl Rule {
    /// Returns the rule for tokens of which some facts are known.
    pub(crate) fn assume(&self, known: impl Fn(&Leaf<'_>) -> Option<Standing>) -> Self {
        Self::from_normal(assume(self.normal(), &known))
    }

    /// Returns the rule for callers who can also hold a fact by way of others, any one of which will do.
    pub(crate) fn widen(&self, others: impl Fn(&Fact<String>) -> Vec<Fact<String>>) -> Self {
        Self::from_normal(widen(self.normal(), &others))
    }

    /// Visits the facts that the rule names, whichever way it wants them.
    pub(crate) fn for_each_fact(&self, mut visit: impl FnMut(&Leaf<'_>)) {
        for_each_fact(self.normal(), &mut visit);
    }
}

/// Replaces the facts that are known. One that is unknown for good is neither held nor lacked.
pub(super) fn assume(
    rule: &Normal<String>,
    known: &impl Fn(&Leaf<'_>) -> Option<Standing>,
) -> Normal<String> {
    let parts = |parts: &[Normal<String>]| parts.iter().map(|part| assume(part, known)).collect();
    let settle = |leaf: &Leaf<'_>, wanted| match known(leaf) {
        None => rule.clone(),
        Some(standing) if standing == wanted => Normal::Always,
        Some(_) => Normal::Never,
    };
    match rule {
        Normal::Always | Normal::Never => rule.clone(),
        Normal::Held(fact) => settle(&fact.as_leaf(), Standing::Held),
        Normal::Lacked(fact) => settle(&fact.as_leaf(), Standing::Lacking),
        Normal::All(inner) => Normal::all_in(Sense::Positive, parts(inner)),
        Normal::Any(inner) => Normal::all_in(Sense::Negative, parts(inner)),
    }
}

fn widen(rule: &Normal<String>, others: &impl Fn(&Fact<String>) -> Vec<Fact<String>>) -> Normal<String> {
    let parts = |parts: &[Normal<String>]| parts.iter().map(|part| widen(part, others)).collect();
    // A caller lacks the fact only by lacking it in every way.
    let with_others = |sense: Sense, fact: &Fact<String>| {
        let facts = [fact.clone()].into_iter().chain(others(fact));
        Normal::all_in(sense.flipped(), facts.map(|fact| Normal::fact(sense, fact)).collect())
    };
    match rule {
        Normal::Always | Normal::Never => rule.clone(),
        Normal::Held(fact) => with_others(Sense::Positive, fact),
        Normal::Lacked(fact) => with_others(Sense::Negative, fact),
        Normal::All(inner) => Normal::all_in(Sense::Positive, parts(inner)),
        Normal::Any(inner) => Normal::all_in(Sense::Negative, parts(inner)),
    }
}

pub(super) fn for_each_fact(rule: &Normal<String>, visit: &mut impl FnMut(&Leaf<'_>)) {
    match rule {
        Normal::Always | Normal::Never => {}
        Normal::Held(fact) | Normal::Lacked(fact) => visit(&fact.as_leaf()),
        Normal::All(parts) | Normal::Any(parts) => {
            for part in parts {
                for_each_fact(part, visit);
            }
        }
    }
}

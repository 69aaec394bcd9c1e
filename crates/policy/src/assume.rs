//! Transformations of rules: facts that are assumed, and further facts that grant others.

use super::fact::{Fact, Leaf};
use super::facts::Standing;
use super::normal::Normal;
use super::rule::Rule;
use super::tree::Sense;

/// Returns the rule that is left for tokens of which some facts are known.
///
/// `known` returns `None` for the facts that stay in the rule. A fact with a standing other than held or lacked satisfies
/// neither sense.
pub fn assume(rule: &Rule, known: impl Fn(&Leaf<'_>) -> Option<Standing>) -> Rule {
    Rule::from_normal(assuming(rule.normal(), &known))
}

/// Returns the rule for callers who hold a fact as soon as they hold any of `others(fact)`.
pub fn widen(rule: &Rule, others: impl Fn(&Fact<String>) -> Vec<Fact<String>>) -> Rule {
    Rule::from_normal(widened(rule.normal(), &others))
}

/// Visits the facts that the rule names, required or excluded.
pub fn for_each_fact(rule: &Rule, mut visit: impl FnMut(&Leaf<'_>)) {
    visit_each(rule.normal(), &mut visit);
}

fn assuming(rule: &Normal<String>, known: &impl Fn(&Leaf<'_>) -> Option<Standing>) -> Normal<String> {
    let parts = |parts: &[Normal<String>]| parts.iter().map(|part| assuming(part, known)).collect();
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

fn widened(rule: &Normal<String>, others: &impl Fn(&Fact<String>) -> Vec<Fact<String>>) -> Normal<String> {
    let parts = |parts: &[Normal<String>]| parts.iter().map(|part| widened(part, others)).collect();
    // A caller lacks the fact only if the caller lacks all the others too.
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

fn visit_each(rule: &Normal<String>, visit: &mut impl FnMut(&Leaf<'_>)) {
    match rule {
        Normal::Always | Normal::Never => {}
        Normal::Held(fact) | Normal::Lacked(fact) => visit(&fact.as_leaf()),
        Normal::All(parts) | Normal::Any(parts) => {
            for part in parts {
                visit_each(part, visit);
            }
        }
    }
}

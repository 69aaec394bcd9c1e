//! Refuses vacuous rules, which no token or every token meets, and redundant parts, without which a rule means the same.
//!
//! [`report`] asks three questions in this order. Does the rule imply [`Formula::Never`]? Then [`contradiction`] finds the
//! parts that contradict each other. Does [`Formula::Always`] imply the rule? Then the rule is `authenticated`. Otherwise
//! [`redundant`] tries each part. [`term`] turns parts into formulas, and decides implications exactly as rules are decided at
//! run time: a claim can be unknown, a flag has one value, a token one organization and one principal. Constants
//! with the same path have the same value; of others nothing is concluded.

mod redundant;
mod term;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use kinde_perms_policy::shared::Formula;

use self::term::{Logic, Term};
use super::model::Node;
use crate::errors::Errors;

/// Limit of the search for one rule: less than a second, and far more than any readable rule needs. At the
/// limit the search ends, and only the faults found so far are reported.
const STEPS: u64 = 1_000_000;

/// Reports a vacuous rule, or its redundant parts. All parts of the rule must be well-formed.
pub(crate) fn report(rule: &Node, errors: &mut Errors) {
    report_within(&Logic::new(STEPS), rule, errors);
}

fn report_within(logic: &Logic, rule: &Node, errors: &mut Errors) {
    let whole = Term::of(rule).formula(&[]);
    if names_everything_once(&whole) {
        return;
    }
    if logic.implies(&whole, &Formula::Never) {
        contradiction(rule, logic, errors);
    } else if logic.implies(&Formula::Always, &whole) {
        errors.at(rule, "every valid token meets this rule: write `authenticated`");
    } else {
        redundant::report(rule, logic, errors);
    }
}

/// Returns `true` if no fact occurs twice. No part of such a rule can contradict or repeat another.
fn names_everything_once(rule: &Formula) -> bool {
    let (mut seen, mut once) = (BTreeSet::new(), true);
    rule.for_each_atom(&mut |atom| once &= seen.insert((atom.source, atom.name.as_str())));
    once
}

/// Reports a rule that nobody meets, at the first part that contradicts the parts before it.
///
/// `core` collects the contradicting parts from the last to the first. Each round keeps the shortest prefix of `before` that
/// still contradicts `core`, and moves its last part to `core`. The loop ends when `core` alone is a contradiction, so the
/// message names no part without need.
fn contradiction(rule: &Node, logic: &Logic, errors: &mut Errors) {
    let mut before = Term::of(rule).conjuncts();
    let mut core: Vec<Term<'_>> = Vec::new();
    while core.is_empty() || !contradict(&core, &[], logic) {
        let sizes: Vec<_> = (0..=before.len()).collect();
        let enough =
            sizes.partition_point(|size| !contradict(&core, before.get(..*size).unwrap_or_default(), logic));
        before.truncate(enough);
        match before.pop() {
            Some(term) if !logic.is_exhausted() => core.push(term),
            _ => return errors.at(rule, "no token can meet this rule: it admits nobody"),
        }
    }
    match core.as_slice() {
        [last, others @ ..] if !others.is_empty() => {
            let others: Vec<_> = others.iter().rev().map(|term| format!("`{}`", term.spelled())).collect();
            errors.at(
                last.node,
                format_args!(
                    "no token can meet this and {} at once: this rule admits nobody",
                    others.join(" and ")
                ),
            );
        }
        _ => errors.at(
            core.first().map_or(rule, |term| term.node),
            "no token can meet any of these alternatives: this rule admits nobody",
        ),
    }
}

fn contradict(some: &[Term<'_>], others: &[Term<'_>], logic: &Logic) -> bool {
    let together = Formula::All(some.iter().chain(others).map(|term| term.formula(&[])).collect());
    logic.implies(&together, &Formula::Never)
}

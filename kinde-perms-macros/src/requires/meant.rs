//! Finds rules that cannot be meant: those that no token or every token meets, and parts without which a rule would
//! mean the same.
//!
//! All of it is decided exactly, with the meaning that rules have at run time: a claim can be unknown, a flag has one value,
//! a token one organisation and one principal. Constants are told apart by their paths.

mod needless;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ptr;

use super::model::{Node, Parts};
use super::spelling::{atom, spelled};
use kinde_perms_policy::shared::{Formula, implies};

use crate::errors::Errors;

/// How long to think about one rule: less than a second, and far longer than a rule takes that people can read. What is not
/// found by then is left as it is, and so is the rule.
const STEPS: u64 = 1_000_000;

/// Records what cannot be meant about a rule whose parts are all well-formed.
pub(crate) fn judge(rule: &Node, errors: &mut Errors) {
    judge_within(&Logic::new(STEPS), rule, errors);
}

fn judge_within(logic: &Logic, rule: &Node, errors: &mut Errors) {
    let whole = Term::of(rule).formula(&[]);
    if names_everything_once(&whole) {
        return;
    }
    if logic.implies(&whole, &Formula::Never) {
        contradiction(rule, logic, errors);
    } else if logic.implies(&Formula::Always, &whole) {
        errors.at(rule, "every valid token meets this rule: write `authenticated`");
    } else {
        needless::report(rule, logic, errors);
    }
}

/// Such a rule says nothing that its other parts could deny or repeat, whatever its form.
fn names_everything_once(rule: &Formula) -> bool {
    let (mut seen, mut once) = (BTreeSet::new(), true);
    rule.for_each_atom(&mut |atom| once &= seen.insert((atom.source, atom.name.as_str())));
    once
}

/// Answers questions as long as there are steps left.
struct Logic(Cell<u64>);

impl Logic {
    fn new(steps: u64) -> Self {
        Self(Cell::new(steps))
    }

    /// Whether the one is known to imply the other.
    fn implies(&self, rule: &Formula, other: &Formula) -> bool {
        let mut steps = self.0.get();
        let answer = implies(rule, other, &mut steps);
        self.0.set(steps);
        answer == Some(true)
    }

    fn is_exhausted(&self) -> bool {
        self.0.get() == 0
    }
}

/// A part of a rule as it counts: `negated` if an odd number of `not` stands above it.
#[derive(Clone, Copy)]
struct Term<'a> {
    node: &'a Node,
    negated: bool,
}

impl<'a> Term<'a> {
    fn of(rule: &'a Node) -> Self {
        Self { node: rule, negated: false }
    }

    /// The parts, if it is a combinator, and whether all of them must hold.
    fn parts(self) -> Option<(bool, bool, &'a Parts)> {
        match (self.node, self.negated) {
            (Node::All(parts), negated) => Some((!negated, negated, parts)),
            (Node::Any(parts), negated) => Some((negated, negated, parts)),
            (Node::Not(_, part), negated) => Self { node: part, negated: !negated }.parts(),
            (Node::Authenticated(_) | Node::Leaf(_), _) => None,
        }
    }

    /// Itself, or what must hold together for it to hold.
    fn conjuncts(self) -> Vec<Self> {
        match self.parts() {
            Some((true, negated, parts)) => {
                parts.nodes.iter().flat_map(|node| Term { node, negated }.conjuncts()).collect()
            }
            _ => vec![self],
        }
    }

    fn formula(self, dropped: &[&Node]) -> Formula {
        if let Some((all, negated, parts)) = self.parts() {
            let kept = parts.nodes.iter().filter(|node| !contains(dropped, node));
            let parts = kept.map(|node| Term { node, negated }.formula(dropped)).collect();
            return if all { Formula::All(parts) } else { Formula::Any(parts) };
        }
        match (self.node, self.negated) {
            (Node::Leaf(leaf), negated) => Formula::Fact { atom: atom(leaf), held: !negated },
            (Node::Not(_, part), negated) => Self { node: part, negated: !negated }.formula(dropped),
            (_, false) => Formula::Always,
            (_, true) => Formula::Never,
        }
    }

    fn spelled(self) -> String {
        spelled(self.node, self.negated)
    }
}

fn contains(nodes: &[&Node], node: &Node) -> bool {
    nodes.iter().any(|other| ptr::eq(*other, node))
}

/// Reports a rule that nobody meets at the first part that contradicts those before it, and names no more of these than
/// it takes.
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

//! Finds rules that cannot be meant: those that no token or every token meets, and parts without which a rule would
//! mean the same.
//!
//! All of it is decided exactly, with the meaning that rules have at run time: a claim can be unknown, a flag has one value,
//! a token one organization and one principal. Constants are told apart by their paths.

#[cfg(test)]
mod tests;

use std::ptr;

use super::logic::{self, Formula};
use super::model::{Node, Parts};
use super::spelling::{atom, spelled};
use crate::errors::Errors;

/// How long to think about one question. A rule that takes longer is taken as it is.
const STEPS: u64 = 20_000;

/// Records what cannot be meant about a rule whose parts are all well-formed.
pub(crate) fn judge(rule: &Node, errors: &mut Errors) {
    let mut judge = Judge { rule, dropped: Vec::new(), errors };
    let whole = judge.formula();
    if implies(&whole, &Formula::Never) {
        contradiction(rule, judge.errors);
    } else if !matches!(rule, Node::Authenticated(_)) && implies(&Formula::Always, &whole) {
        judge.errors.at(rule, "every valid token meets this rule: write `authenticated`");
    } else {
        judge.needless();
    }
}

fn implies(rule: &Formula, other: &Formula) -> bool {
    logic::implies(rule, other, STEPS) == Some(true)
}

/// A part of a rule as it counts: `negated` if an odd number of `not` stands above it.
#[derive(Clone, Copy)]
struct Term<'a> {
    node: &'a Node,
    negated: bool,
}

impl<'a> Term<'a> {
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

/// Reports a rule that nobody meets at the last of the fewest parts that cannot hold together.
fn contradiction(rule: &Node, errors: &mut Errors) {
    let mut core = Term { node: rule, negated: false }.conjuncts();
    let mut at = 0;
    while at < core.len() {
        let mut fewer = core.clone();
        fewer.remove(at);
        let together = Formula::All(fewer.iter().map(|term| term.formula(&[])).collect());
        if !fewer.is_empty() && implies(&together, &Formula::Never) {
            core = fewer;
        } else {
            at = at.saturating_add(1);
        }
    }
    match core.as_slice() {
        [others @ .., last] if !others.is_empty() => {
            let others: Vec<_> = others.iter().map(|term| format!("`{}`", term.spelled())).collect();
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

struct Judge<'a> {
    rule: &'a Node,
    /// Parts that were found needless; the rule means the same without them.
    dropped: Vec<&'a Node>,
    errors: &'a mut Errors,
}

/// A part that could be dropped, and what it stands in.
struct Candidate<'a> {
    term: Term<'a>,
    /// Whether all of the parts beside it must hold, or one suffices.
    all: bool,
    siblings: &'a Parts,
    /// What must hold anyway, outside of what it stands in.
    context: Vec<Term<'a>>,
    /// The combinators it stands in, from the outermost.
    within: Vec<&'a Node>,
    /// How often "all" and "one of" take turns above it.
    turns: usize,
}

impl<'a> Judge<'a> {
    fn formula(&self) -> Formula {
        Term { node: self.rule, negated: false }.formula(&self.dropped)
    }

    /// Reports parts that a rule does not need: alternatives before parts of theirs, and of equals the later.
    fn needless(&mut self) {
        let mut candidates = Vec::new();
        let rule = Term { node: self.rule, negated: false };
        Outside { all: true, context: Vec::new(), within: Vec::new(), turns: 0 }
            .collect(rule, &mut candidates);
        candidates.reverse();
        candidates.sort_by_key(|candidate| candidate.turns);
        for candidate in candidates {
            if self.can_drop(&candidate) {
                self.dropped.push(candidate.term.node);
                let reason = self.reason(&candidate);
                self.errors.at(candidate.term.node, reason);
            }
        }
    }

    fn can_drop(&self, candidate: &Candidate<'a>) -> bool {
        let kept = candidate.siblings.nodes.iter().filter(|node| !contains(&self.dropped, node));
        if kept.count() < 2 || candidate.within.iter().any(|node| contains(&self.dropped, node)) {
            return false;
        }
        let mut dropped = self.dropped.clone();
        dropped.push(candidate.term.node);
        let (whole, rest) = (self.formula(), Term { node: self.rule, negated: false }.formula(&dropped));
        implies(&whole, &rest) && implies(&rest, &whole)
    }

    /// Why a part is not needed, and what to do about it.
    fn reason(&self, candidate: &Candidate<'a>) -> String {
        let this = candidate.term.formula(&[]);
        if !candidate.all && implies(&this, &Formula::Never) {
            return "no token can meet this alternative: remove it".to_owned();
        }
        if candidate.all && implies(&Formula::Always, &this) {
            return "every valid token meets this: remove it".to_owned();
        }
        let witness = self.witness(candidate, &this).map(|term| (term, term.formula(&self.dropped)));
        match (witness, candidate.all) {
            (Some((term, other)), true) if implies(&this, &other) => {
                format!("`{}` is required already: remove this", term.spelled())
            }
            (Some((term, _)), true) => {
                format!("whoever meets `{}` meets this too: remove it", term.spelled())
            }
            (Some((term, _)), false) => {
                format!("`{}` admits whomever this would: remove this alternative", term.spelled())
            }
            (None, true) => "the rest of the rule requires this already: remove it".to_owned(),
            (None, false) => {
                "the rest of the rule admits whomever this would: remove this alternative".to_owned()
            }
        }
    }

    /// The one other part that makes this one needless, if there is one.
    fn witness(&self, candidate: &Candidate<'a>, this: &Formula) -> Option<Term<'a>> {
        let siblings =
            candidate.siblings.nodes.iter().map(|node| Term { node, negated: candidate.term.negated });
        let context = candidate.context.iter().filter(|_| candidate.all).copied();
        siblings.chain(context).filter(|term| !contains(&self.dropped, term.node)).find(|term| {
            let other = term.formula(&self.dropped);
            if candidate.all { implies(&other, this) } else { implies(this, &other) }
        })
    }
}

/// What stands around a part.
struct Outside<'a> {
    all: bool,
    context: Vec<Term<'a>>,
    within: Vec<&'a Node>,
    turns: usize,
}

impl<'a> Outside<'a> {
    /// Collects every part that stands beside another, a combinator behind what is in it.
    fn collect(&self, term: Term<'a>, out: &mut Vec<Candidate<'a>>) {
        let Some((all, negated, siblings)) = term.parts() else { return };
        let within: Vec<_> = self.within.iter().copied().chain([term.node]).collect();
        let turns = if all == self.all { self.turns } else { self.turns.saturating_add(1) };
        for node in &siblings.nodes {
            let term = Term { node, negated };
            let beside = siblings.nodes.iter().filter(|other| all && !ptr::eq(*other, node));
            let context = self.context.iter().copied().chain(beside.map(|node| Term { node, negated }));
            let outside = Outside { all, context: context.collect(), within: within.clone(), turns };
            outside.collect(term, out);
            let (context, within) = (self.context.clone(), within.clone());
            out.push(Candidate { term, all, siblings, context, within, turns });
        }
    }
}

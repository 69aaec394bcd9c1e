//! Parts of a rule as formulas, and implications between formulas.

use std::cell::Cell;
use std::ptr;

use kinde_perms_policy::shared::{Formula, implies};

use super::super::model::{Node, Parts};
use super::super::spelling::{atom, spelled};

/// Decides implications within a number of steps, which all questions about one rule share.
pub(super) struct Logic(pub(super) Cell<u64>);

impl Logic {
    pub(super) fn new(steps: u64) -> Self {
        Self(Cell::new(steps))
    }

    /// Returns `true` if `rule` implies `other`, `false` if not or if the steps ran out.
    pub(super) fn implies(&self, rule: &Formula, other: &Formula) -> bool {
        let mut steps = self.0.get();
        let answer = implies(rule, other, &mut steps);
        self.0.set(steps);
        answer == Some(true)
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.0.get() == 0
    }
}

/// A part of a rule. `negated` is `true` below an odd number of `not`.
#[derive(Clone, Copy)]
pub(super) struct Term<'a> {
    pub(super) node: &'a Node,
    pub(super) negated: bool,
}

impl<'a> Term<'a> {
    pub(super) fn of(rule: &'a Node) -> Self {
        Self { node: rule, negated: false }
    }

    /// Returns the parts of a combinator: whether all of them must hold, whether they are negated, and the parts.
    pub(super) fn parts(self) -> Option<(bool, bool, &'a Parts)> {
        match (self.node, self.negated) {
            (Node::All(parts), negated) => Some((!negated, negated, parts)),
            (Node::Any(parts), negated) => Some((negated, negated, parts)),
            (Node::Not(_, part), negated) => Self { node: part, negated: !negated }.parts(),
            (Node::Authenticated(_) | Node::Leaf(_), _) => None,
        }
    }

    /// Returns the parts that must all hold, or the term itself.
    pub(super) fn conjuncts(self) -> Vec<Self> {
        match self.parts() {
            Some((true, negated, parts)) => {
                parts.nodes.iter().flat_map(|node| Term { node, negated }.conjuncts()).collect()
            }
            _ => vec![self],
        }
    }

    pub(super) fn formula(self, dropped: &[&Node]) -> Formula {
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

    pub(super) fn spelled(self) -> String {
        spelled(self.node, self.negated)
    }
}

pub(super) fn contains(nodes: &[&Node], node: &Node) -> bool {
    nodes.iter().any(|other| ptr::eq(*other, node))
}

//! The one evaluator, over a view that constant and owned rules share.

use super::decision::Decision;
use super::explain::explain;
use super::node::{Leaf, Node};
use super::normal::Normal;
use crate::claims::{Claims, Standing};

/// One level of a rule, lent by whatever stores it.
#[derive(Debug)]
pub(crate) enum View<'a, T> {
    /// Holds for every verified token; its negation for none.
    Authenticated,
    /// Holds for no token, and neither does its negation.
    Never,
    /// A fact the token must hold.
    Held(Leaf<'a>),
    /// A fact the token must be known to lack.
    Lacked(Leaf<'a>),
    /// Every part must hold.
    All(&'a [T]),
    /// At least one part must hold.
    Any(&'a [T]),
    /// The part must be known not to hold.
    Not(&'a T),
}

/// A rule that can be read level by level.
pub(crate) trait Tree: Sized {
    /// Lends the topmost level.
    fn view(&self) -> View<'_, Self>;
}

impl Tree for Node {
    fn view(&self) -> View<'_, Self> {
        match self {
            Self::Authenticated => View::Authenticated,
            Self::Leaf(leaf) => View::Held(*leaf),
            Self::All(parts) => View::All(parts),
            Self::Any(parts) => View::Any(parts),
            Self::Not(part) => View::Not(part),
        }
    }
}

/// Whether a rule asks for something or for its absence; `not` turns one into the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sense {
    Positive,
    Negative,
}

impl Sense {
    pub(crate) const fn flipped(self) -> Self {
        match self {
            Self::Positive => Self::Negative,
            Self::Negative => Self::Positive,
        }
    }

    /// What a leaf must be known to be. `Unknown` is never wanted, so it fails in both senses.
    const fn wanted(self) -> Standing {
        match self {
            Self::Positive => Standing::Held,
            Self::Negative => Standing::Lacking,
        }
    }
}

/// Decides a rule; explains only a refusal.
pub(crate) fn decide<T: Tree>(tree: &T, claims: &Claims) -> Decision {
    if holds(tree, claims) { Decision::Allow } else { Decision::Deny(explain(&Normal::of(tree), claims)) }
}

/// Whether a rule holds. Never allocates.
pub(crate) fn holds<T: Tree>(tree: &T, claims: &Claims) -> bool {
    holds_in(Sense::Positive, tree, claims)
}

/// Negation travels down to the leaves with `sense`, as in negation normal form, without building one.
fn holds_in<T: Tree>(sense: Sense, tree: &T, claims: &Claims) -> bool {
    let leaf = |leaf, sense: Sense| claims.standing(&leaf) == sense.wanted();
    match (tree.view(), sense) {
        (View::Authenticated, sense) => sense == Sense::Positive,
        (View::Never, _) => false,
        (View::Held(fact), sense) => leaf(fact, sense),
        (View::Lacked(fact), sense) => leaf(fact, sense.flipped()),
        (View::Not(part), sense) => holds_in(sense.flipped(), part, claims),
        (View::All(parts), Sense::Positive) | (View::Any(parts), Sense::Negative) => {
            !parts.is_empty() && parts.iter().all(|part| holds_in(sense, part, claims))
        }
        (View::Any(parts), Sense::Positive) | (View::All(parts), Sense::Negative) => {
            parts.iter().any(|part| holds_in(sense, part, claims))
        }
    }
}

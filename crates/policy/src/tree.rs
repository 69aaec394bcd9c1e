//! The evaluator of rules.
//!
//! Rules of constants ([`Node`]) and rules of text ([`Normal`](super::normal::Normal)) implement [`Tree`], which shows one
//! level at a time as a [`View`]. [`outcome`] walks the tree with a [`Sense`], positive at the root. `Not` flips the sense.
//! At a leaf, `leaf_outcome` compares the standing of the fact with the sense. In the negative sense, `All` is evaluated as
//! `Any` and `Any` as `All`; `combine` stops at the first part that decides. A leaf that only Kinde knows is
//! [`Outcome::Open`], and the whole is open only if no other part decides it.

use super::fact::Leaf;
use super::facts::{Facts, Standing};
use super::kinds::Kind;

/// One level of a rule, borrowed from a [`Tree`].
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
    /// Borrows the topmost level.
    fn view(&self) -> View<'_, Self>;
}

/// A rule as a tree of constants: the macros build it, and [`Requirement`](super::Requirement) wraps it.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
#[expect(
    clippy::exhaustive_enums,
    reason = "only the output of the macro crate, whose version is pinned, names it"
)]
pub enum Node {
    /// Any valid access token.
    Authenticated,
    /// A fact the token must hold.
    Leaf(Leaf<'static>),
    /// Every part must hold.
    All(&'static [Node]),
    /// At least one part must hold.
    Any(&'static [Node]),
    /// The part must be known not to hold.
    Not(&'static Node),
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

/// The sign of a part: positive, or negative below an odd number of `not`.
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

    /// Returns the standing that satisfies a leaf. `Unknown` satisfies neither sense.
    const fn wanted(self) -> Standing {
        match self {
            Self::Positive => Standing::Held,
            Self::Negative => Standing::Lacking,
        }
    }
}

/// The outcome of a rule, as far as the facts are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The rule holds, regardless of unasked facts.
    Holds,
    /// The rule does not hold, regardless of unasked facts.
    Fails,
    /// The rule depends on unasked facts. Kinde is asked about this kind first.
    Open(Kind),
}

/// Evaluates a rule. Never allocates.
pub(crate) fn outcome<T: Tree>(tree: &T, facts: &impl Facts) -> Outcome {
    outcome_in(Sense::Positive, tree, facts)
}

fn outcome_in<T: Tree>(sense: Sense, tree: &T, facts: &impl Facts) -> Outcome {
    match (tree.view(), sense) {
        (View::Authenticated, Sense::Positive) => Outcome::Holds,
        // An empty combinator never holds, negated or not.
        (View::Never, _)
        | (View::Authenticated | View::Any([]), Sense::Negative)
        | (View::All([]), Sense::Positive) => Outcome::Fails,
        (View::Held(leaf), sense) => leaf_outcome(sense, facts.standing(&leaf)),
        (View::Lacked(leaf), sense) => leaf_outcome(sense.flipped(), facts.standing(&leaf)),
        (View::Not(part), sense) => outcome_in(sense.flipped(), part, facts),
        (View::All(parts), Sense::Positive) | (View::Any(parts), Sense::Negative) => {
            combine(Outcome::Holds, Outcome::Fails, parts.iter().map(|part| outcome_in(sense, part, facts)))
        }
        (View::Any(parts), Sense::Positive) | (View::All(parts), Sense::Negative) => {
            combine(Outcome::Fails, Outcome::Holds, parts.iter().map(|part| outcome_in(sense, part, facts)))
        }
    }
}

fn leaf_outcome(sense: Sense, standing: Standing) -> Outcome {
    match standing {
        Standing::Unasked(kind) => Outcome::Open(kind),
        known if known == sense.wanted() => Outcome::Holds,
        _ => Outcome::Fails,
    }
}

/// Returns `decisive` if any part is. Otherwise returns the first open part, or `neutral` without one.
fn combine(neutral: Outcome, decisive: Outcome, parts: impl Iterator<Item = Outcome>) -> Outcome {
    let mut so_far = neutral;
    for part in parts {
        if part == decisive {
            return decisive;
        }
        if so_far == neutral {
            so_far = part;
        }
    }
    so_far
}

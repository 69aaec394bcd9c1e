//! The one evaluator, over a view that constant and owned rules share.

use super::fact::Leaf;
use super::facts::{Facts, Standing};
use super::kinds::Kind;

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

/// A rule as a tree of constants; the macros build it, [`Requirement`](super::Requirement) carries it.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
#[expect(clippy::exhaustive_enums, reason = "macro output of the pinned macro crate is its only other user")]
pub enum Node {
    /// Any valid access token.
    Authenticated,
    /// One thing the token must hold.
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

/// What a rule comes to, as far as the facts are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The rule holds, whatever is still unknown.
    Holds,
    /// It does not, whatever is still unknown.
    Fails,
    /// Kinde has to be asked, for this first.
    Open(Kind),
}

/// What a rule comes to. Never allocates.
pub(crate) fn outcome<T: Tree>(tree: &T, facts: &impl Facts) -> Outcome {
    outcome_in(Sense::Positive, tree, facts)
}

/// Negation travels down to the leaves with `sense`, as in negation normal form, without building one.
fn outcome_in<T: Tree>(sense: Sense, tree: &T, facts: &impl Facts) -> Outcome {
    match (tree.view(), sense) {
        (View::Authenticated, Sense::Positive) => Outcome::Holds,
        // A combination of nothing never holds, whatever it stands for.
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

/// `decisive` if one part is; else the first that is not `neutral`; else `neutral`.
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

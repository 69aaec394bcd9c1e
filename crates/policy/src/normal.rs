//! The normal form: negation at the facts only, flattened, sorted, without duplicates.
//!
//! [`Normal::of`] walks a [`Tree`] with a [`Sense`]. `not` flips the sense, and a negative sense turns `all` into `any` and
//! facts into [`Normal::Lacked`]. The parser calls [`Normal::fact`] and [`Normal::all_in`] with the same senses, so a text
//! becomes a normal form without a tree in between. Both end in `Normal::combine`, which merges nested combinators, drops
//! constants, sorts and removes duplicates.

use super::fact::Fact;
use super::tree::{Sense, Tree, View};

/// A rule in normal form.
///
/// The constructors [`all`](Self::all) and [`any`](Self::any) keep these invariants: a combinator has at least two parts; no
/// part is a constant or the same combinator; the parts are sorted by the derived order, without duplicates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Normal<S> {
    /// Holds for every verified token.
    Always,
    /// Holds for no token.
    Never,
    /// Holds for a token known to hold the fact.
    Held(Fact<S>),
    /// Holds for a token known to lack the fact.
    Lacked(Fact<S>),
    /// Holds if every part does.
    All(Vec<Self>),
    /// Holds if at least one part does.
    Any(Vec<Self>),
}

impl<'a> Normal<&'a str> {
    /// Brings a rule into normal form, borrowing its text.
    pub(crate) fn of<T: Tree>(tree: &'a T) -> Self {
        Self::in_sense(Sense::Positive, tree)
    }

    fn in_sense<T: Tree>(sense: Sense, tree: &'a T) -> Self {
        let convert = |parts: &'a [T]| parts.iter().map(|part| Self::in_sense(sense, part)).collect();
        match tree.view() {
            View::Authenticated => Self::always(sense),
            View::Never => Self::Never,
            View::Held(leaf) => Self::fact(sense, leaf),
            View::Lacked(leaf) => Self::fact(sense.flipped(), leaf),
            View::All(parts) => Self::all_in(sense, convert(parts)),
            View::Any(parts) => Self::all_in(sense.flipped(), convert(parts)),
            View::Not(part) => Self::in_sense(sense.flipped(), part),
        }
    }
}

impl<S: Ord> Normal<S> {
    /// Returns `authenticated`, or its negation, which no token satisfies.
    pub(crate) fn always(sense: Sense) -> Self {
        match sense {
            Sense::Positive => Self::Always,
            Sense::Negative => Self::Never,
        }
    }

    /// Returns a fact, or its negation.
    pub(crate) fn fact(sense: Sense, fact: Fact<S>) -> Self {
        let fact = fact.into_normal();
        match sense {
            Sense::Positive => Self::Held(fact),
            Sense::Negative => Self::Lacked(fact),
        }
    }

    /// Returns `all` of parts that are already in `sense`. In the negative sense that is `any` of them.
    pub(crate) fn all_in(sense: Sense, parts: Vec<Self>) -> Self {
        match sense {
            Sense::Positive => Self::all(parts),
            Sense::Negative => Self::any(parts),
        }
    }

    fn all(parts: Vec<Self>) -> Self {
        Self::combine(parts, (Self::Never, Self::Always), Self::All, |part| match part {
            Self::All(inner) => inner,
            other => vec![other],
        })
    }

    fn any(parts: Vec<Self>) -> Self {
        Self::combine(parts, (Self::Always, Self::Never), Self::Any, |part| match part {
            Self::Any(inner) => inner,
            other => vec![other],
        })
    }

    /// Joins parts. A part that equals `absorbing` decides the whole, and a part that equals `neutral` is dropped. Without
    /// parts, the result is `Never`.
    fn combine(
        parts: Vec<Self>,
        (absorbing, neutral): (Self, Self),
        join: fn(Vec<Self>) -> Self,
        flatten: fn(Self) -> Vec<Self>,
    ) -> Self {
        if parts.is_empty() {
            return Self::Never;
        }
        let mut flat: Vec<Self> =
            parts.into_iter().flat_map(flatten).filter(|part| *part != neutral).collect();
        if flat.contains(&absorbing) {
            return absorbing;
        }
        flat.sort();
        flat.dedup();
        match flat.len() {
            0 => neutral,
            1 => flat.pop().unwrap_or(Self::Never),
            _ => join(flat),
        }
    }

    /// Returns the number of combinators above the deepest fact.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Always | Self::Never | Self::Held(_) | Self::Lacked(_) => 0,
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().map(Self::depth).max().unwrap_or(0).saturating_add(1)
            }
        }
    }
}

impl<S> Normal<S> {
    /// Returns the fact that is held or lacked; `None` for a combinator or a constant.
    pub(crate) fn as_fact(&self) -> Option<&Fact<S>> {
        match self {
            Self::Held(fact) | Self::Lacked(fact) => Some(fact),
            Self::Always | Self::Never | Self::All(_) | Self::Any(_) => None,
        }
    }
}

impl<S: AsRef<str>> Normal<S> {
    /// Copies the rule with its text.
    pub(crate) fn to_owned_text(&self) -> Normal<String> {
        let copy = |parts: &[Self]| parts.iter().map(Self::to_owned_text).collect();
        match self {
            Self::Always => Normal::Always,
            Self::Never => Normal::Never,
            Self::Held(fact) => Normal::Held(fact.to_owned_fact()),
            Self::Lacked(fact) => Normal::Lacked(fact.to_owned_fact()),
            Self::All(parts) => Normal::All(copy(parts)),
            Self::Any(parts) => Normal::Any(copy(parts)),
        }
    }
}

impl<S: AsRef<str>> Tree for Normal<S> {
    fn view(&self) -> View<'_, Self> {
        match self {
            Self::Always => View::Authenticated,
            Self::Never => View::Never,
            Self::Held(fact) => View::Held(fact.as_leaf()),
            Self::Lacked(fact) => View::Lacked(fact.as_leaf()),
            Self::All(parts) => View::All(parts),
            Self::Any(parts) => View::Any(parts),
        }
    }
}

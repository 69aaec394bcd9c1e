//! The normal form: negation at the facts only, flattened, sorted, without duplicates.

use super::fact::Fact;
use super::tree::{Sense, Tree, View};

/// A rule in normal form.
///
/// The constructors [`all`](Self::all) and [`any`](Self::any) keep these invariants: a combinator has two or more
/// parts, none of them the same combinator or a constant, sorted by the derived order, each once.
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
    /// `authenticated`, or its negation, which no token satisfies.
    pub(crate) fn always(sense: Sense) -> Self {
        match sense {
            Sense::Positive => Self::Always,
            Sense::Negative => Self::Never,
        }
    }

    /// A fact, or its negation.
    pub(crate) fn fact(sense: Sense, fact: Fact<S>) -> Self {
        let fact = fact.into_normal();
        match sense {
            Sense::Positive => Self::Held(fact),
            Sense::Negative => Self::Lacked(fact),
        }
    }

    /// `all` of parts already in `sense`; the negation of `all` is `any`, and the other way round.
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

    /// Joins parts: `absorbing` decides the whole, `neutral` adds nothing, and nothing at all never holds.
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

    /// How many combinators stand above the deepest fact.
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
    /// The fact of a leaf, whichever way the leaf wants it.
    pub(crate) fn as_fact(&self) -> Option<&Fact<S>> {
        match self {
            Self::Held(fact) | Self::Lacked(fact) => Some(fact),
            Self::Always | Self::Never | Self::All(_) | Self::Any(_) => None,
        }
    }
}

impl<S: AsRef<str>> Normal<S> {
    /// Copies the text, so that the rule stands on its own.
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

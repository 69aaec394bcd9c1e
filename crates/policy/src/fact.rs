//! Facts about a token, which rules are made of.

use std::cmp::Ordering;
use std::fmt;

use super::kinds::{Kind, Liveness};
use super::printable::{self, Printable};

/// A value that a feature flag is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "Kinde has flags of these types, and readers of a flag must handle all"
)]
pub enum Literal<S> {
    /// A boolean flag's value.
    Bool(bool),
    /// An integer flag's value.
    Integer(i64),
    /// A string flag's value.
    Text(S),
}

/// A [`Literal`] that borrows its text.
pub type FlagLiteral<'a> = Literal<&'a str>;

/// One thing that a token or an account can hold or lack.
///
/// Text is borrowed in a rule of constants and owned in a [`Rule`](super::Rule) or a [`Denied`](super::Denied). The order
/// is that of the normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Fact<S> {
    /// The place that decides the fact: the token or Kinde.
    pub source: Source,
    /// The kind of the fact.
    pub kind: Kind,
    /// The key, code or name.
    pub key: S,
    /// The value that a feature flag must equal; `None` stands for `true`. Other kinds have no value.
    pub value: Option<Literal<S>>,
}

/// The place that decides a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a rule asks the token or it asks Kinde")]
pub enum Source {
    /// The token.
    Token,
    /// Kinde's Account API, asked while the rule is decided.
    Live,
}

/// A [`Fact`] that borrows its text; the leaf of every rule.
pub type Leaf<'a> = Fact<&'a str>;

impl<S> Literal<S> {
    fn map<'a, T>(&'a self, convert: impl Fn(&'a S) -> T) -> Literal<T> {
        match self {
            Self::Bool(value) => Literal::Bool(*value),
            Self::Integer(value) => Literal::Integer(*value),
            Self::Text(value) => Literal::Text(convert(value)),
        }
    }
}

impl<S> Fact<S> {
    /// Creates a fact from its parts.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(source: Source, kind: Kind, key: S, value: Option<Literal<S>>) -> Self {
        Self { source, kind, key, value }
    }

    fn map<'a, T>(&'a self, convert: impl Fn(&'a S) -> T) -> Fact<T> {
        let value = self.value.as_ref().map(|literal| literal.map(&convert));
        Fact { source: self.source, kind: self.kind, key: convert(&self.key), value }
    }

    /// Returns the fact in normal form: a flag that must be `true` has no value.
    pub(crate) fn into_normal(self) -> Self {
        let value = self.value.filter(|value| !matches!(value, Literal::Bool(true)));
        Self { value, ..self }
    }

    /// Returns `true` if a rule writes the fact within `live(…)`. Kinds that only Kinde decides need no `live(…)`.
    pub(crate) fn is_marked_live(&self) -> bool {
        self.source == Source::Live && self.kind.liveness() == Liveness::Marked
    }
}

/// Orders by source, kind, key and value; users stand before machines.
impl<S: Ord> Ord for Fact<S> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        if (self.source, self.kind) != (other.source, other.kind) {
            return (self.source, self.kind).cmp(&(other.source, other.kind));
        }
        match self.key.cmp(&other.key) {
            Ordering::Equal => self.value.cmp(&other.value),
            keys if self.kind == Kind::Principal => keys.reverse(),
            keys => keys,
        }
    }
}

impl<S: PartialOrd> PartialOrd for Fact<S> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if (self.source, self.kind) != (other.source, other.kind) {
            return (self.source, self.kind).partial_cmp(&(other.source, other.kind));
        }
        match self.key.partial_cmp(&other.key)? {
            Ordering::Equal => self.value.partial_cmp(&other.value),
            keys if self.kind == Kind::Principal => Some(keys.reverse()),
            keys => Some(keys),
        }
    }
}

impl<S: AsRef<str>> Literal<S> {
    /// Borrows the literal.
    pub(crate) fn as_literal(&self) -> FlagLiteral<'_> {
        self.map(AsRef::as_ref)
    }
}

impl<S: AsRef<str>> Fact<S> {
    /// Borrows the fact.
    #[doc(hidden)]
    pub fn as_leaf(&self) -> Leaf<'_> {
        self.map(AsRef::as_ref)
    }

    /// Copies the fact's text.
    pub(crate) fn to_owned_fact(&self) -> Fact<String> {
        self.map(|text| text.as_ref().to_owned())
    }
}

/// Writes the fact for messages: the noun of its kind, then the key and value in backticks.
impl<S: AsRef<str>> fmt::Display for Fact<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, key) = (self.kind.noun(), Printable(self.key.as_ref()));
        match &self.value {
            Some(value) => write!(f, "{noun} `{key} = {value}`"),
            None => write!(f, "{noun} `{key}`"),
        }
    }
}

/// Serializes the JSON value of a flag.
#[cfg(feature = "serde")]
impl<S: serde::Serialize> serde::Serialize for Literal<S> {
    fn serialize<Z: serde::Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Text(value) => value.serialize(serializer),
        }
    }
}

/// Writes the literal in the grammar of the attribute.
impl<S: AsRef<str>> fmt::Display for Literal<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(value) => printable::quote(f, value.as_ref()),
        }
    }
}

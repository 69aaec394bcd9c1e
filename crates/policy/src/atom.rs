//! Facts as `logic` compares them.

use super::fact::{Fact, Literal, Source};
use super::kinds::{Kind, Shape};

/// One fact about a token: that something is there, or that it has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Where the fact comes from; what makes one fact of it unknown makes all of them.
    pub source: (Source, Kind),
    /// The key within the source; empty where there can be one value only.
    pub name: String,
    /// The value it must have; `None` for what is there or not, without a value.
    pub value: Option<AtomValue>,
}

/// A value: its type, and the value as a rule writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtomValue {
    /// Its type.
    pub kind: ValueKind,
    /// As a rule writes it.
    pub text: String,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueKind {
    /// The only type there is: of an organization, or of a principal.
    Only,
    /// A boolean. This and the next are JSON types of flags; none tells anything about values of the others.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
}

impl Atom {
    /// Returns the atom of a fact. The token and Kinde are two sources: each can hold what the other lacks.
    #[must_use]
    pub fn of(fact: &Fact<String>) -> Self {
        let source = (fact.source, fact.kind);
        match fact.kind.shape() {
            Shape::List => Self::key(fact),
            Shape::Values => {
                let value = fact.value.as_ref().map_or(Literal::Bool(true), Literal::as_literal);
                let kind = match value {
                    Literal::Bool(_) => ValueKind::Bool,
                    Literal::Integer(_) => ValueKind::Number,
                    Literal::Text(_) => ValueKind::Text,
                };
                let value = AtomValue { kind, text: value.to_string() };
                Self { source, name: fact.key.clone(), value: Some(value) }
            }
            Shape::One | Shape::Name => {
                let value = AtomValue { kind: ValueKind::Only, text: fact.key.clone() };
                Self { source, name: String::new(), value: Some(value) }
            }
        }
    }

    /// Returns the atom of a key that is there or not, and excludes no other key.
    #[must_use]
    pub fn key(fact: &Fact<String>) -> Self {
        Self { source: (fact.source, fact.kind), name: fact.key.clone(), value: None }
    }
}

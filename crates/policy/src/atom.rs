//! Atoms: facts in the form in which `logic` compares them.

use super::fact::{Fact, Literal, Source};
use super::kinds::{Kind, Shape};

/// One fact: a key is present, or a claim has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// The claim, or the Account API's answer, that decides the fact. The facts of one source are known or unknown together.
    pub source: (Source, Kind),
    /// The key within the source; empty if the source has a single value (organization, principal).
    pub name: String,
    /// The value that the key must have; `None` if keys of this kind have no value.
    pub value: Option<AtomValue>,
}

/// A typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtomValue {
    /// The type of the value.
    pub kind: ValueKind,
    /// The value as a rule writes it.
    pub text: String,
}

/// The type of an [`AtomValue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueKind {
    /// The type of organizations and principals, which have one type each.
    Only,
    /// A boolean flag. A flag of one JSON type is neither equal nor unequal to a value of another.
    Bool,
    /// A number flag.
    Number,
    /// A text flag.
    Text,
}

impl Atom {
    /// Returns the atom of a fact. The token and the account are separate sources: one can hold a key that the other lacks.
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

    /// Returns the atom of a key without a value. Its presence excludes no other key.
    #[must_use]
    pub fn key(fact: &Fact<String>) -> Self {
        Self { source: (fact.source, fact.kind), name: fact.key.clone(), value: None }
    }
}

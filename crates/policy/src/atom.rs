//! Facts as the search for what they imply sees them.

use super::fact::Literal;

/// One fact about a token: that something is there, or that it has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Where the fact comes from; what makes one fact of it unknown makes all of them.
    pub source: &'static str,
    /// The key within the source; empty where there can be one value only.
    pub name: String,
    /// The value it must have; `None` for what is there or not, without a value.
    pub value: Option<Value>,
}

/// A value: its type, and the value as a rule writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
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
    /// The key is there.
    #[must_use]
    pub fn key(source: &'static str, name: String) -> Self {
        Self { source, name, value: None }
    }

    /// The one value of a source is this.
    #[must_use]
    pub fn only(source: &'static str, text: String) -> Self {
        Self { source, name: String::new(), value: Some(Value { kind: ValueKind::Only, text }) }
    }

    /// The flag has this value; one that is named alone must be `true`.
    #[must_use]
    pub fn flag(source: &'static str, name: String, value: Option<&Literal<String>>) -> Self {
        let value = value.map_or(Literal::Bool(true), Literal::as_literal);
        let kind = match value {
            Literal::Bool(_) => ValueKind::Bool,
            Literal::Integer(_) => ValueKind::Number,
            Literal::Text(_) => ValueKind::Text,
        };
        Self { source, name, value: Some(Value { kind, text: value.to_string() }) }
    }
}

/// The source of the principal, which is always known, and is one of the two.
pub const PRINCIPAL: &str = "principal";

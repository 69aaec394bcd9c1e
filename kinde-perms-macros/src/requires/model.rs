//! The validated rule: the only thing that [`expand`](super::expand) accepts.
//!
//! The grammar of keys is not judged here. Its one owner is the runtime, which the output asks about every
//! key in a constant of its own, so that a literal and a constant get the same answer.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Ident, LitStr, Path};

use super::names::Kind;
use super::{checks, groups};
use crate::arguments::Arguments;
use crate::errors::Errors;

/// One level of a rule.
pub(crate) enum Node {
    Authenticated(Ident),
    Leaf(Leaf),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

/// One thing a token can hold.
pub(crate) enum Leaf {
    Key(Kind, Key),
    /// A feature flag, and what it must equal.
    Flag(Key, Option<FlagValue>),
    Principal(Principal),
    /// Whatever Kinde's Account API is asked about.
    Live(Box<Leaf>),
}

/// A key that the runtime judges when the user's crate is compiled.
pub(crate) enum Key {
    Literal(LitStr),
    Constant(Path),
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(literal) => literal.to_tokens(tokens),
            Self::Constant(path) => path.to_tokens(tokens),
        }
    }
}

/// The value a feature flag must equal.
#[derive(PartialEq, Eq)]
pub(crate) enum FlagValue {
    Bool(bool),
    Integer(i64),
    Text(String),
}

/// Who a token speaks for.
#[derive(Clone, Copy)]
pub(crate) enum Principal {
    User,
    Machine,
}

impl Leaf {
    /// The same thing, asked of Kinde.
    pub(crate) fn live(self) -> Self {
        Self::Live(Box::new(self))
    }
}

impl Node {
    /// Tells whether a token alone cannot decide it.
    pub(crate) fn asks_kinde(&self) -> bool {
        match self {
            Self::Authenticated(_) => false,
            Self::Leaf(leaf) => matches!(leaf, Leaf::Live(_)),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_kinde),
            Self::Not(part) => part.asks_kinde(),
        }
    }

    /// Joins the parts of an "all of", of which a single one stands for itself.
    pub(crate) fn all(parts: Vec<Self>) -> Self {
        single(parts).unwrap_or_else(Self::All)
    }

    /// Joins the parts of a "none of".
    pub(crate) fn none_of(parts: Vec<Self>) -> Self {
        Self::Not(Box::new(single(parts).unwrap_or_else(Self::Any)))
    }
}

fn single(mut parts: Vec<Node>) -> Result<Node, Vec<Node>> {
    match parts.pop() {
        Some(only) if parts.is_empty() => Ok(only),
        Some(last) => {
            parts.push(last);
            Err(parts)
        }
        None => Err(parts),
    }
}

/// What the attributes of one function ask for.
pub(crate) struct Ruling {
    /// Of the token.
    pub(crate) rule: Node,
    /// Of the request, once the token holds what it must.
    pub(crate) checks: Vec<Path>,
}

/// Judges the arguments of every `#[requires]` of one function, which must all hold.
///
/// The rule that is returned holds what could be understood; the caller looks at `errors` before it lets the
/// rule decide anything.
pub(crate) fn judge(attributes: &[Arguments], errors: &mut Errors) -> Ruling {
    let mut parts = Vec::new();
    let mut named = Vec::new();
    for arguments in attributes {
        let known = errors.count();
        let (checks, items) = checks::split(&arguments.items);
        let found = groups::top(items, errors);
        if found.is_empty() && checks.is_empty() && !arguments.broken && errors.count() == known {
            errors.at(&arguments.attribute, EMPTY);
        }
        parts.extend(found);
        named.extend(checks);
    }
    stands_alone(&parts, errors);
    if let ([], [check, ..]) = (parts.as_slice(), named.as_slice()) {
        // A check alone leaves nothing to ask of the token but to be valid.
        parts.push(Node::Authenticated(check.name.clone()));
    }
    Ruling { rule: Node::all(parts), checks: checks::judge(&named, errors) }
}

const EMPTY: &str = "this rule asks for nothing: write `authenticated` to admit every valid access token, \
                     or name what the token must hold, such as `permissions = [\"create:todos\"]`";

/// `authenticated` is what every rule asks for first, so next to anything else it says nothing.
fn stands_alone(parts: &[Node], errors: &mut Errors) {
    if parts.len() < 2 {
        return;
    }
    for part in parts {
        if let Node::Authenticated(word) = part {
            errors.at(
                word,
                "`authenticated` stands alone: every rule asks for a valid token first, so remove it here",
            );
        }
    }
}

//! The tree of a validated rule, which [`expand`](super::expand) writes.
//!
//! Keys are not checked here. `kinde-perms-policy` owns their grammar: the output has a constant for each key that calls the
//! check, so that literals and constants get the same answer.

use kinde_perms_policy::{Fact, Kind, Literal, Source};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Ident, LitStr, Path};

use super::syntax;

/// One level of a rule.
pub(crate) enum Node {
    Authenticated(Ident),
    Leaf(Leaf),
    All(Parts),
    Any(Parts),
    /// The word `not`, and the negated part.
    Not(Ident, Box<Node>),
}

/// The parts of a combinator.
pub(crate) struct Parts {
    /// `any` or `all`, if the user wrote it.
    pub(crate) word: Option<Ident>,
    pub(crate) nodes: Vec<Node>,
}

/// One fact about a token or an account.
pub(crate) struct Leaf {
    pub(crate) source: Source,
    pub(crate) kind: Kind,
    pub(crate) key: Key,
    /// The value that a feature flag must have.
    pub(crate) value: Option<Literal<String>>,
}

/// A key as it was written.
pub(crate) enum Key {
    Literal(LitStr),
    Constant(Path),
    /// The name of a principal, already validated.
    Name(Ident),
}

impl Leaf {
    /// Returns the fact. The value of a constant is not known to a macro, so its path is the key.
    pub(crate) fn fact(&self) -> Fact<String> {
        let key = match &self.key {
            Key::Literal(literal) => literal.value(),
            // No literal key begins with a space.
            Key::Constant(path) => format!(" {}", syntax::spelled(path)),
            Key::Name(name) => name.to_string(),
        };
        Fact::new(self.source, self.kind, key, self.value.clone())
    }
}

impl ToTokens for Key {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(literal) => literal.to_tokens(tokens),
            Self::Constant(path) => path.to_tokens(tokens),
            Self::Name(name) => name.to_tokens(tokens),
        }
    }
}

/// Messages about a leaf underline its key.
impl ToTokens for Leaf {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
    }
}

/// Messages about a combinator underline its word.
impl ToTokens for Node {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Authenticated(word) | Self::Not(word, _) => word.to_tokens(tokens),
            Self::Leaf(leaf) => leaf.to_tokens(tokens),
            Self::All(parts) | Self::Any(parts) => match &parts.word {
                Some(word) => word.to_tokens(tokens),
                None => parts.nodes.iter().for_each(|part| part.to_tokens(tokens)),
            },
        }
    }
}

impl Node {
    /// Returns `true` if the rule contains a fact that only Kinde's Account API knows.
    pub(crate) fn asks_kinde(&self) -> bool {
        match self {
            Self::Authenticated(_) => false,
            Self::Leaf(leaf) => leaf.source == Source::Live,
            Self::All(parts) | Self::Any(parts) => parts.nodes.iter().any(Self::asks_kinde),
            Self::Not(_, part) => part.asks_kinde(),
        }
    }

    /// Creates a node that holds if all parts do. A single part is returned as it is.
    pub(crate) fn all(parts: Vec<Self>) -> Self {
        single(parts).unwrap_or_else(|nodes| Self::All(Parts { word: None, nodes }))
    }

    /// Creates a node that holds if no part does.
    pub(crate) fn none_of(word: Ident, parts: Vec<Self>) -> Self {
        let any = single(parts).unwrap_or_else(|nodes| Self::Any(Parts { word: None, nodes }));
        Self::Not(word, Box::new(any))
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

//! The validated rule: the only thing that [`expand`](super::expand) accepts.
//!
//! The grammar of keys is not judged here. Its one owner is the runtime, which the output asks about every
//! key in a constant of its own, so that a literal and a constant get the same answer.

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
    /// Underlined at its word.
    Not(Ident, Box<Node>),
}

/// What is joined.
pub(crate) struct Parts {
    /// The word that joins them, if one is written.
    pub(crate) word: Option<Ident>,
    pub(crate) nodes: Vec<Node>,
}

/// One thing a token, or an account, can hold or be.
pub(crate) struct Leaf {
    pub(crate) source: Source,
    pub(crate) kind: Kind,
    pub(crate) key: Key,
    /// What a feature flag must equal.
    pub(crate) value: Option<Literal<String>>,
}

/// A key that is judged when the user's crate is compiled.
pub(crate) enum Key {
    Literal(LitStr),
    Constant(Path),
    /// The name of a principal, which was judged already.
    Name(Ident),
}

impl Leaf {
    /// The fact it is about; a constant stands for itself, as nobody knows yet what it is.
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

/// What is underlined about it: the key alone.
impl ToTokens for Leaf {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
    }
}

/// The word of a combinator stands for all of it.
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
    /// Tells whether a token alone cannot decide it.
    pub(crate) fn asks_kinde(&self) -> bool {
        match self {
            Self::Authenticated(_) => false,
            Self::Leaf(leaf) => leaf.source == Source::Live,
            Self::All(parts) | Self::Any(parts) => parts.nodes.iter().any(Self::asks_kinde),
            Self::Not(_, part) => part.asks_kinde(),
        }
    }

    /// Joins the parts of an "all of", of which a single one stands for itself.
    pub(crate) fn all(parts: Vec<Self>) -> Self {
        single(parts).unwrap_or_else(|nodes| Self::All(Parts { word: None, nodes }))
    }

    /// Joins the parts of a "none of".
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

//! Parts of a rule as facts to reason about, and as text for messages.

use quote::ToTokens as _;

use super::logic::{Atom, PRINCIPAL, PRINCIPALS, ValueKind};
use super::model::{FlagValue, Key, Leaf, Node, Principal};
use super::names::Kind;
use super::values;

/// The fact that a leaf is about.
///
/// Different constants can have the same value, so nothing is concluded from one about another: an organization that is
/// named by a constant is a fact of its own, not a value that excludes others.
pub(crate) fn atom(leaf: &Leaf) -> Atom {
    match leaf {
        Leaf::Key(Kind::Organization, Key::Literal(code)) => Atom::only("org", code.value()),
        Leaf::Key(kind, key) => Atom::key(kind.argument(), text(key)),
        Leaf::Flag(key, value) => {
            let value = value.as_ref().unwrap_or(&FlagValue::Bool(true));
            Atom::flag(Kind::FeatureFlag.argument(), text(key), value.kind(), value.spelled())
        }
        Leaf::Principal(principal, _) => Atom::only(PRINCIPAL, principal.name().to_owned()),
        Leaf::Live(leaf) => live(atom(leaf)),
    }
}

/// What Kinde says is another source than the token.
fn live(atom: Atom) -> Atom {
    let source = match atom.source {
        "permissions" => "live permissions",
        "roles" => "live roles",
        "feature_flags" => "live feature_flags",
        other => other,
    };
    Atom { source, ..atom }
}

/// A key so that no constant is taken for a literal: no literal key begins with a space.
fn text(key: &Key) -> String {
    match key {
        Key::Literal(literal) => literal.value(),
        Key::Constant(path) => format!(" {}", values::spelled(path)),
    }
}

impl Principal {
    fn name(self) -> &'static str {
        let [machine, user] = PRINCIPALS;
        match self {
            Self::Machine => machine,
            Self::User => user,
        }
    }
}

impl FlagValue {
    fn kind(&self) -> ValueKind {
        match self {
            Self::Bool(_) => ValueKind::Bool,
            Self::Integer(_) => ValueKind::Number,
            Self::Text(_) => ValueKind::Text,
        }
    }

    fn spelled(&self) -> String {
        match self {
            Self::Bool(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Text(text) => format!("{text:?}"),
        }
    }
}

/// A part in the grammar of rules; combinators without what is in them.
pub(crate) fn spelled(node: &Node, negated: bool) -> String {
    let positive = match node {
        Node::Authenticated(_) => "authenticated".to_owned(),
        Node::Leaf(leaf) => spelled_leaf(leaf, false),
        Node::All(_) => "all(…)".to_owned(),
        Node::Any(_) => "any(…)".to_owned(),
        Node::Not(_, part) if matches!(**part, Node::Leaf(_)) => return spelled(part, !negated),
        Node::Not(..) => "not(…)".to_owned(),
    };
    if negated { format!("not({positive})") } else { positive }
}

fn spelled_leaf(leaf: &Leaf, live: bool) -> String {
    match leaf {
        Leaf::Live(leaf) => spelled_leaf(leaf, true),
        Leaf::Key(Kind::Organization, code) => format!("org = {}", shown(code)),
        Leaf::Key(Kind::Entitlement, name) => listed(Kind::Entitlement, &shown(name), false),
        Leaf::Key(kind, key) => listed(*kind, &shown(key), live),
        Leaf::Flag(key, None) => listed(Kind::FeatureFlag, &shown(key), live),
        Leaf::Flag(key, Some(value)) => {
            listed(Kind::FeatureFlag, &format!("{} = {}", shown(key), value.spelled()), live)
        }
        Leaf::Principal(principal, _) => format!("principal = {}", principal.name()),
    }
}

fn listed(kind: Kind, entry: &str, live: bool) -> String {
    let argument = kind.argument();
    if live { format!("{argument} = live([{entry}])") } else { format!("{argument} = [{entry}]") }
}

fn shown(key: &Key) -> String {
    match key {
        Key::Literal(literal) => literal.to_token_stream().to_string(),
        Key::Constant(path) => values::spelled(path),
    }
}

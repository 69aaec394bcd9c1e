//! Parts of a rule as facts to reason about, and as text for messages.

use kinde_perms_policy::shared::{Atom, PRINCIPAL};
use quote::ToTokens as _;

use super::model::{Key, Leaf, Node};
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
        Leaf::Flag(key, value) => Atom::flag(Kind::FeatureFlag.argument(), text(key), value.as_ref()),
        Leaf::Principal(principal, _) => Atom::only(PRINCIPAL, principal.as_str().to_owned()),
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
        Leaf::Flag(key, Some(value)) => listed(Kind::FeatureFlag, &format!("{} = {value}", shown(key)), live),
        Leaf::Principal(principal, _) => format!("principal = {principal}"),
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

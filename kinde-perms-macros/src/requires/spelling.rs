//! Leaves as atoms of formulas, and parts of a rule as text in messages.

use kinde_perms_policy::Source;
use kinde_perms_policy::shared::{Atom, Liveness, Shape};
use quote::ToTokens as _;

use super::model::{Key, Leaf, Node};
use super::syntax;

/// Returns the atom of a leaf.
///
/// A token has one organization, so two literal organizations exclude each other. Constants with different paths may have
/// the same value, so an organization named by a constant excludes no other.
pub(crate) fn atom(leaf: &Leaf) -> Atom {
    match leaf.key {
        Key::Constant(_) if leaf.kind.shape() == Shape::One => Atom::key(&leaf.fact()),
        _ => Atom::of(&leaf.fact()),
    }
}

/// Prints a part in the grammar of rules. The parts of a combinator are left out: `any(…)`.
pub(crate) fn spelled(node: &Node, negated: bool) -> String {
    let positive = match node {
        Node::Authenticated(_) => "authenticated".to_owned(),
        Node::Leaf(leaf) => spelled_leaf(leaf),
        Node::All(_) => "all(…)".to_owned(),
        Node::Any(_) => "any(…)".to_owned(),
        Node::Not(_, part) if matches!(**part, Node::Leaf(_)) => return spelled(part, !negated),
        Node::Not(..) => "not(…)".to_owned(),
    };
    if negated { format!("not({positive})") } else { positive }
}

fn spelled_leaf(leaf: &Leaf) -> String {
    let entry = match &leaf.value {
        Some(value) => format!("{} = {value}", shown(&leaf.key)),
        None => shown(&leaf.key),
    };
    let word = leaf.kind.word();
    match leaf.kind.liveness() {
        _ if !leaf.kind.is_listed() => format!("{word} = {entry}"),
        Liveness::Marked if leaf.source == Source::Live => format!("{word} = live([{entry}])"),
        _ => format!("{word} = [{entry}]"),
    }
}

fn shown(key: &Key) -> String {
    match key {
        Key::Constant(path) => syntax::spelled(path),
        Key::Literal(_) | Key::Name(_) => key.to_token_stream().to_string(),
    }
}

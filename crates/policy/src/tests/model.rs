//! Random rules and tokens, and a naive evaluator that shares no code with the real one.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::__private::Node;
use crate::shared::{Facts, Standing};
use crate::{ClaimFault, Kind, Leaf, Literal, Requirement, Source};

#[derive(Clone, Debug)]
pub(super) enum Ast {
    Authenticated,
    Leaf(Leaf<'static>),
    All(Vec<Ast>),
    Any(Vec<Ast>),
    Not(Box<Ast>),
}

pub(super) fn not(part: Ast) -> Ast {
    Ast::Not(Box::new(part))
}

impl Ast {
    pub(super) fn requirement(&self) -> Requirement {
        Requirement::new(self.node())
    }

    fn node(&self) -> Node {
        let to_static =
            |parts: &[Self]| -> &'static [Node] { parts.iter().map(Self::node).collect::<Vec<_>>().leak() };
        match self {
            Self::Authenticated => Node::Authenticated,
            Self::Leaf(leaf) => Node::Leaf(*leaf),
            Self::All(parts) => Node::All(to_static(parts)),
            Self::Any(parts) => Node::Any(to_static(parts)),
            Self::Not(part) => Node::Not(Box::leak(Box::new(part.node()))),
        }
    }

    /// Returns the leaves of the rule, each once.
    pub(super) fn leaves(&self) -> BTreeSet<Leaf<'static>> {
        match self {
            Self::Authenticated => BTreeSet::new(),
            Self::Leaf(leaf) => BTreeSet::from([*leaf]),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Not(part) => part.leaves(),
        }
    }

    /// Returns the rule with the parts of every combinator reversed and doubled.
    pub(super) fn shuffled(&self) -> Self {
        let twice = |parts: &[Self]| parts.iter().rev().chain(parts).map(Self::shuffled).collect();
        match self {
            Self::Authenticated | Self::Leaf(_) => self.clone(),
            Self::All(parts) => Self::All(twice(parts)),
            Self::Any(parts) => Self::Any(twice(parts)),
            Self::Not(part) => not(part.shuffled()),
        }
    }
}

/// A claim that may be absent or of the wrong type.
#[derive(Clone, Debug)]
pub(super) enum Field<T> {
    Absent,
    Null,
    Malformed,
    Is(T),
}

type Keys = BTreeSet<&'static str>;

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) permissions: Field<Keys>,
    pub(super) roles: Field<Keys>,
    pub(super) scopes: Field<Keys>,
    pub(super) flags: Field<BTreeMap<&'static str, Value>>,
    pub(super) org: Field<&'static str>,
    pub(super) machine: bool,
}

impl<T: Clone> Field<T> {
    /// Returns two answers: the fact is known to be held, and it is known to be lacked.
    fn truth(&self, held: impl Fn(&T) -> bool) -> (bool, bool) {
        match self {
            Self::Absent | Self::Null => (false, true),
            Self::Malformed => (false, false),
            Self::Is(value) => (held(value), !held(value)),
        }
    }
}

impl Token {
    pub(super) fn empty() -> Self {
        Self {
            permissions: Field::Absent,
            roles: Field::Absent,
            scopes: Field::Absent,
            flags: Field::Absent,
            org: Field::Absent,
            machine: false,
        }
    }

    fn leaf(&self, leaf: Leaf<'_>) -> (bool, bool) {
        let key = leaf.key;
        match leaf.kind {
            // Kinde has not been asked.
            _ if leaf.source == Source::Live => (false, false),
            Kind::Permissions => self.permissions.truth(|keys| keys.contains(key)),
            Kind::Roles if matches!(self.roles, Field::Absent | Field::Null) => (false, false),
            Kind::Roles => self.roles.truth(|keys| keys.contains(key)),
            Kind::Scopes => self.scopes.truth(|keys| keys.contains(key)),
            Kind::FeatureFlags => match &self.flags {
                Field::Is(flags) => equal(flags.get(key), leaf.value),
                other => other.truth(|_| false),
            },
            Kind::Organization => self.org.truth(|held| *held == key),
            Kind::Principal => {
                let held = if self.machine { "machine" } else { "user" };
                (held == key, held != key)
            }
            // Kinds that the model has no claim for are unknown.
            _ => (false, false),
        }
    }

    /// Returns two answers, computed side by side from the bottom up: the rule holds, and its negation holds.
    pub(super) fn truth(&self, rule: &Ast) -> (bool, bool) {
        match rule {
            Ast::Authenticated => (true, false),
            Ast::Leaf(leaf) => self.leaf(*leaf),
            Ast::Not(part) => {
                let (holds, fails) = self.truth(part);
                (fails, holds)
            }
            Ast::All(parts) | Ast::Any(parts) if parts.is_empty() => (false, false),
            Ast::All(parts) => {
                let truths: Vec<_> = parts.iter().map(|part| self.truth(part)).collect();
                (truths.iter().all(|truth| truth.0), truths.iter().any(|truth| truth.1))
            }
            Ast::Any(parts) => {
                let truths: Vec<_> = parts.iter().map(|part| self.truth(part)).collect();
                (truths.iter().any(|truth| truth.0), truths.iter().all(|truth| truth.1))
            }
        }
    }
}

/// The answers of the model, for the real evaluator. How real claims decide facts is tested with `Claims`.
impl Facts for Token {
    fn standing(&self, leaf: &Leaf<'_>) -> Standing {
        match (self.leaf(*leaf), leaf.kind) {
            ((true, _), _) => Standing::Held,
            ((_, true), _) => Standing::Lacking,
            _ if leaf.source == Source::Live => Standing::Unasked(leaf.kind),
            (_, Kind::FeatureFlags) if matches!(self.flags, Field::Is(_)) => Standing::Incomparable,
            _ => Standing::Unknown,
        }
    }

    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault {
        match leaf.kind {
            Kind::Roles if matches!(self.roles, Field::Absent | Field::Null) => ClaimFault::Absent,
            _ => ClaimFault::Malformed,
        }
    }
}

/// Compares flags of the same JSON type. Flags of different types are neither equal nor unequal.
fn equal(held: Option<&Value>, wanted: Option<Literal<&str>>) -> (bool, bool) {
    let same = match (held, wanted) {
        (None, _) => return (false, true),
        (Some(Value::Bool(held)), None) => *held,
        (Some(Value::Bool(held)), Some(Literal::Bool(wanted))) => *held == wanted,
        (Some(Value::String(held)), Some(Literal::Text(wanted))) => held == wanted,
        (Some(held), Some(Literal::Integer(wanted))) if held.is_number() => {
            held.as_f64() == wanted.to_string().parse().ok()
        }
        _ => return (false, false),
    };
    (same, !same)
}

const KEYS: [&str; 4] = ["a", "b", "read:c", "d"];
const ORGS: [&str; 2] = ["org_1", "org_2"];
const FLAGS: [&str; 3] = ["x", "y", "z"];

pub(super) const fn token(kind: Kind, key: &str) -> Leaf<'_> {
    Leaf::new(Source::Token, kind, key, None)
}

pub(super) const fn live(kind: Kind, key: &str) -> Leaf<'_> {
    Leaf::new(Source::Live, kind, key, None)
}

pub(super) const fn flag<'a>(key: &'a str, value: Literal<&'a str>) -> Leaf<'a> {
    Leaf::new(Source::Token, Kind::FeatureFlags, key, Some(value))
}

/// Leaves that a grant of keys can satisfy.
pub(super) fn key_leaf() -> impl Strategy<Value = Leaf<'static>> {
    let kind = select(&[Kind::Permissions, Kind::Roles, Kind::Scopes][..]);
    (kind, select(&KEYS[..])).prop_map(|(kind, key)| token(kind, key))
}

fn literal() -> impl Strategy<Value = Literal<&'static str>> {
    prop_oneof![
        any::<bool>().prop_map(Literal::Bool),
        (-1_i64..2).prop_map(Literal::Integer),
        select(&["1", "true", "dark \"mode\"\u{202e}"][..]).prop_map(Literal::Text),
    ]
}

fn flag_leaf(source: Source) -> impl Strategy<Value = Leaf<'static>> {
    let flag = (select(&FLAGS[..]), proptest::option::of(literal()));
    flag.prop_map(move |(name, value)| Leaf::new(source, Kind::FeatureFlags, name, value))
}

/// Leaves that only Kinde decides.
pub(super) fn live_leaf() -> impl Strategy<Value = Leaf<'static>> {
    prop_oneof![
        select(&KEYS[..]).prop_map(|key| live(Kind::Permissions, key)),
        select(&KEYS[..]).prop_map(|key| live(Kind::Roles, key)),
        flag_leaf(Source::Live),
        select(&["Pro plan", "a", "Tarif \u{fc}ber \"alles\""][..])
            .prop_map(|name| live(Kind::Entitlements, name)),
    ]
}

pub(super) fn leaf() -> impl Strategy<Value = Leaf<'static>> {
    prop_oneof![
        4 => key_leaf(),
        2 => flag_leaf(Source::Token),
        1 => select(&ORGS[..]).prop_map(|code| token(Kind::Organization, code)),
        2 => live_leaf(),
        1 => select(&["user", "machine"][..]).prop_map(|name| token(Kind::Principal, name)),
    ]
}

/// Any rule, with empty combinators and misplaced `authenticated`.
pub(super) fn rule() -> impl Strategy<Value = Ast> {
    let base = prop_oneof![12 => leaf().prop_map(Ast::Leaf), 1 => Just(Ast::Authenticated)];
    base.prop_recursive(5, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Ast::All),
            vec(inner.clone(), 0..4).prop_map(Ast::Any),
            inner.prop_map(not),
        ]
    })
}

/// Rules without `not`, of the given leaves.
pub(super) fn positive(leaves: impl Strategy<Value = Leaf<'static>> + 'static) -> impl Strategy<Value = Ast> {
    leaves.prop_map(Ast::Leaf).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![vec(inner.clone(), 1..4).prop_map(Ast::All), vec(inner, 1..4).prop_map(Ast::Any)]
    })
}

/// Rules of a few keys without `not`. Their alternatives are few enough that all ways are compared.
pub(super) fn few_keys() -> impl Strategy<Value = Ast> {
    let key = select(&KEYS[..]).prop_map(|key| Ast::Leaf(token(Kind::Permissions, key)));
    key.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![vec(inner.clone(), 1..4).prop_map(Ast::All), vec(inner, 1..4).prop_map(Ast::Any)]
    })
}

fn field<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Field<T>> {
    let odd = select(vec![Field::Absent, Field::Null, Field::Malformed]);
    prop_oneof![1 => odd, 2 => value.prop_map(Field::Is)]
}

fn keys() -> impl Strategy<Value = Field<Keys>> {
    field(btree_set(select(&KEYS[..]), 0..4))
}

pub(super) fn some_token() -> impl Strategy<Value = Token> {
    let value =
        select(&["true", "false", "0", "1", "1.0", "1.5", "-1", "\"1\"", "\"true\"", "null", "[]"][..])
            .prop_map(|json| serde_json::from_str(json).unwrap());
    let flags = field(btree_map(select(&FLAGS[..]), value, 0..3));
    (keys(), keys(), keys(), flags, field(select(&ORGS[..])), any::<bool>()).prop_map(
        |(permissions, roles, scopes, flags, org, machine)| Token {
            permissions,
            roles,
            scopes,
            flags,
            org,
            machine,
        },
    )
}

/// A token whose key claims are all well-formed.
pub(super) fn well_formed() -> impl Strategy<Value = Token> {
    let keys = || btree_set(select(&KEYS[..]), 0..4).prop_map(Field::Is);
    (keys(), keys(), keys()).prop_map(|(permissions, roles, scopes)| Token {
        permissions,
        roles,
        scopes,
        ..Token::empty()
    })
}

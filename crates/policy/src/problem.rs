//! The refusal as JSON; the form is documented at [`Denied`].

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::denied::{Denied, Missing};
use super::fact::{FlagLiteral, Leaf};
use super::facts::ClaimFault;
use super::kinds::{Kind, Shape};

/// The facts that `select` finds in `missing`, as a JSON object: the word of each kind, and its facts.
struct FactsByKind<'a> {
    missing: &'a [Missing],
    select: fn(&Missing) -> Option<Leaf<'_>>,
}

/// The facts of one kind as a JSON array.
struct OfKind<'a>(&'a FactsByKind<'a>, Kind);

/// One fact as JSON: its key, or an object of key and value if its kind has values.
struct Entry<'a>(Leaf<'a>);

#[derive(Serialize)]
struct Flag<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<FlagLiteral<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(flatten)]
    lacking: FactsByKind<'a>,
    #[serde(skip_serializing_if = "FactsByKind::is_empty")]
    withheld: FactsByKind<'a>,
    #[serde(skip_serializing_if = "FactsByKind::is_empty")]
    incomparable: FactsByKind<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unknown_claims: BTreeMap<&'static str, &'static str>,
}

impl<'a> FactsByKind<'a> {
    fn iter(&self) -> impl Iterator<Item = Leaf<'a>> {
        self.missing.iter().filter_map(self.select)
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = Leaf<'a>> {
        self.iter().filter(move |fact| fact.kind == kind)
    }

    fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl Serialize for FactsByKind<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kinds = Kind::in_grammar().filter(|kind| self.of_kind(*kind).next().is_some());
        serializer.collect_map(kinds.map(|kind| (kind.word(), OfKind(self, kind))))
    }
}

impl Serialize for OfKind<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(facts, kind) = self;
        serializer.collect_seq(facts.of_kind(*kind).map(Entry))
    }
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Leaf { kind, key, value, .. } = self.0;
        match kind.shape() {
            Shape::Values => Flag { name: key, value }.serialize(serializer),
            Shape::List | Shape::One | Shape::Name => key.serialize(serializer),
        }
    }
}

impl Serialize for Denied {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let facts = |select| FactsByKind { missing: self.missing(), select };
        let unknown = self.missing().iter().filter_map(Missing::as_unknown);
        Problem {
            lacking: facts(Missing::as_lacking),
            withheld: facts(Missing::as_withheld),
            incomparable: facts(Missing::as_incomparable),
            unknown_claims: unknown.map(|(claim, fault)| (claim, word(fault))).collect(),
        }
        .serialize(serializer)
    }
}

const fn word(fault: ClaimFault) -> &'static str {
    match fault {
        ClaimFault::Absent => "absent",
        ClaimFault::Malformed => "malformed",
        ClaimFault::NotAsked => "not_asked",
    }
}

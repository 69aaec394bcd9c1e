//! The refusal as JSON; the form is documented at [`Denied`].

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::denied::{Denied, Missing};
use super::fact::{Fact, FlagLiteral, Leaf, Live};
use super::facts::ClaimFault;

/// Facts by kind, under the words of the rule language.
#[derive(Default, PartialEq, Serialize)]
struct Facts<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    permissions: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    feature_flags: Vec<Flag<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    billing_entitlements: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    org: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    principal: Vec<&'static str>,
}

#[derive(PartialEq, Serialize)]
struct Flag<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<FlagLiteral<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(flatten)]
    lacking: Facts<'a>,
    #[serde(skip_serializing_if = "Facts::is_empty")]
    withheld: Facts<'a>,
    #[serde(skip_serializing_if = "Facts::is_empty")]
    incomparable: Facts<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unknown_claims: BTreeMap<&'static str, &'static str>,
}

impl Facts<'_> {
    fn is_empty(&self) -> bool {
        *self == Facts::default()
    }
}

impl<'a> FromIterator<Leaf<'a>> for Facts<'a> {
    fn from_iter<I: IntoIterator<Item = Leaf<'a>>>(facts: I) -> Self {
        let mut all = Self::default();
        for fact in facts {
            match fact {
                Fact::Permission(key) | Fact::Live(Live::Permission(key)) => all.permissions.push(key),
                Fact::Role(key) | Fact::Live(Live::Role(key)) => all.roles.push(key),
                Fact::Scope(value) => all.scopes.push(value),
                Fact::FeatureFlag { name, value } | Fact::Live(Live::FeatureFlag { name, value }) => {
                    all.feature_flags.push(Flag { name, value });
                }
                Fact::Live(Live::Entitlement(name)) => all.billing_entitlements.push(name),
                Fact::Organization(code) => all.org.push(code),
                Fact::Principal(principal) => all.principal.push(principal.as_str()),
            }
        }
        all
    }
}

impl Serialize for Denied {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let unknown = self.missing().iter().filter_map(Missing::as_unknown);
        Problem {
            lacking: self.lacking().collect(),
            withheld: self.withheld().collect(),
            incomparable: self.incomparable().collect(),
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

//! Combinations of roles, of which some bundle other permissions than before.
//!
//! A role that bundles what it did gives its holders nothing that the same permissions, given one by one, would not: rules
//! have names for these. A role whose bundle changed is a fact of its own. On either side the fact stands for each
//! permission that the role bundles there, so comparing the two rules compares all combinations of roles and permissions.

use std::collections::BTreeSet;

use super::{Access, Catalogue};
use crate::policy::{self, Fact, Live};

/// The roles whose bundles changed: for each, its permissions before and after.
pub(super) struct Bundles<'m>(BTreeSet<[Option<&'m BTreeSet<String>>; 2]>);

impl<'m> Bundles<'m> {
    pub(super) fn between(before: &'m Catalogue, after: &'m Catalogue) -> Self {
        let roles: BTreeSet<&str> = before.roles().chain(after.roles()).map(|(role, _)| role).collect();
        let sides = roles.into_iter().map(|role| [before, after].map(|side| side.bundle(role)));
        Self(sides.filter(|[before, after]| before != after).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns an access in which a permission is held also by every changed role that bundles it on a side: 0 is before, 1 is
    /// after.
    pub(super) fn spell_out(&self, side: usize, access: &Access) -> Access {
        let Some(rule) = access.rule() else { return access.clone() };
        let rule = policy::widen(rule, |fact| match fact {
            Fact::Permission(key) | Fact::Live(Live::Permission(key)) => self.roles_with(side, key),
            _ => Vec::new(),
        });
        Access::guarded(rule, access.checks().map(str::to_owned))
    }

    /// A scope has no space in it, so no rule names these.
    fn roles_with(&self, side: usize, permission: &str) -> Vec<Fact<String>> {
        let bundles = |sides: &[Option<&BTreeSet<String>>; 2]| {
            sides.get(side).copied().flatten().is_some_and(|bundle| bundle.contains(permission))
        };
        let numbered = self.0.iter().enumerate().filter(|(_, sides)| bundles(sides));
        numbered.map(|(number, _)| Fact::Scope(format!("changed role {number}"))).collect()
    }
}

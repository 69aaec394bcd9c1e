//! Comparison of rules for callers with any roles, where some roles bundle other permissions than before.
//!
//! A role with an unchanged bundle needs no attention: its holders are compared as callers with the same permissions. A role
//! with a changed bundle holds different permissions before and after. The comparison works in this order:
//!
//! 1. `Bundles::between` collects the changed bundles, and numbers them.
//! 2. `spell_out` replaces each permission in a rule by "this permission, or a changed role that bundles it on this side".
//!    The changed role becomes a fact of its own, with the same name on both sides.
//! 3. `diff` compares the two rules that result, and so compares all combinations of roles and permissions.

use std::collections::BTreeSet;

use super::{Access, Catalogue};
use crate::policy::{self, Fact, Kind, Source};

/// The changed bundles: the permissions of a role before and after; `None` if the role does not exist.
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

    /// Returns the access with each permission replaced by itself or any changed role that bundles it on a side: 0 is before,
    /// 1 is after.
    pub(super) fn spell_out(&self, side: usize, access: &Access) -> Access {
        let Some(rule) = access.rule() else { return access.clone() };
        let rule = policy::widen(rule, |fact| match fact.kind {
            Kind::Permissions => self.roles_with(side, &fact.key),
            _ => Vec::new(),
        });
        Access::guarded(rule, access.checks().map(str::to_owned))
    }

    /// Returns the facts that stand for the changed roles: scopes with spaces in their names, which no rule can name.
    fn roles_with(&self, side: usize, permission: &str) -> Vec<Fact<String>> {
        let bundles = |sides: &[Option<&BTreeSet<String>>; 2]| {
            sides.get(side).copied().flatten().is_some_and(|bundle| bundle.contains(permission))
        };
        let numbered = self.0.iter().enumerate().filter(|(_, sides)| bundles(sides));
        let role = |number| Fact::new(Source::Token, Kind::Scopes, format!("changed role {number}"), None);
        numbered.map(|(number, _)| role(number)).collect()
    }
}

//! Reach: whether a caller with known permissions and roles may call a route.

use std::collections::BTreeSet;

use super::route::Access;
use crate::policy::{self, Kind, Leaf, Rule, Source, Standing};

/// Whether a caller reaches a route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Always, regardless of other claims.
    Yes,
    /// Never, regardless of other claims.
    No,
    /// Only if the remaining access allows it: a rule about other claims, such as scopes, flags, organization or principal, or
    /// a check of the resource.
    If(Access),
}

/// A caller with known permissions and roles.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller<'a> {
    /// A caller without a token.
    Anonymous,
    /// A caller whose token has these permissions, and one role or none.
    Holder { role: Option<&'a str>, permissions: &'a BTreeSet<String> },
}

impl Caller<'_> {
    pub(super) fn reach(self, access: &Access) -> Reach {
        let rule = match (access.rule(), self) {
            (None, _) => return Reach::Yes,
            (Some(_), Self::Anonymous) => return Reach::No,
            (Some(rule), Self::Holder { role, permissions }) => {
                policy::assume(rule, |leaf| known(leaf, role, permissions))
            }
        };
        let checked = access.checks().next().is_some();
        match (rule.is_always_met(), rule.is_never_met()) {
            (true, _) if !checked => Reach::Yes,
            (_, true) => Reach::No,
            _ => Reach::If(Access::guarded(rule, access.checks().map(str::to_owned))),
        }
    }
}

fn known(leaf: &Leaf<'_>, role: Option<&str>, permissions: &BTreeSet<String>) -> Option<Standing> {
    match (leaf.source, leaf.kind) {
        (Source::Token, Kind::Permissions) => Some(Standing::known(permissions.contains(leaf.key))),
        (Source::Token, Kind::Roles) => Some(Standing::known(role == Some(leaf.key))),
        _ => None,
    }
}

/// Returns `true` if `wide` admits every caller that `narrow` admits; `None` admits nobody.
pub(super) fn covers(wide: Option<&Access>, narrow: Option<&Access>) -> bool {
    match (wide, narrow) {
        (_, None) => true,
        (None, Some(narrow)) => narrow.rule().is_some_and(Rule::is_never_met),
        (Some(wide), Some(narrow)) => admits(wide, narrow),
    }
}

/// Returns `true` if `wide` admits every caller that `narrow` admits. The verdict of a check is unknown, so each check of
/// `wide` must be one of `narrow`.
fn admits(wide: &Access, narrow: &Access) -> bool {
    match (wide.rule(), narrow.rule()) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide_rule), Some(rule)) => {
            let asked_anyway = wide.checks().all(|check| narrow.checks().any(|other| other == check));
            rule.is_never_met() || (asked_anyway && rule.implies(wide_rule))
        }
    }
}

impl Reach {
    /// Returns `true` if a caller with this reach may do everything that a caller with the other reach may.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Yes, _) | (_, Self::No) => true,
            (Self::If(wide), Self::If(narrow)) => admits(wide, narrow),
            // `If` never holds a condition that is always or never met, so it differs from `Yes` and `No`.
            _ => false,
        }
    }
}

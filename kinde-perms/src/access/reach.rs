//! Whether somebody reaches a route.

use std::collections::BTreeSet;

use super::route::Access;
use crate::claims::Standing;
use crate::policy::{Leaf, Rule};

/// Whether a caller reaches a route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Whatever else the token says.
    Yes,
    /// Whatever else the token says, not.
    No,
    /// If the token also meets this rule, about what a role does not tell: scopes, flags, organisation, principal.
    If(Rule),
}

/// Somebody whose permissions and roles are known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller<'a> {
    /// No token.
    Anonymous,
    /// A token with these permissions and one role, or none.
    Holder { role: Option<&'a str>, permissions: &'a BTreeSet<String> },
}

impl Caller<'_> {
    pub(super) fn reach(self, access: &Access) -> Reach {
        let rule = match (access, self) {
            (Access::Public(_), _) => return Reach::Yes,
            (Access::Guarded(_), Self::Anonymous) => return Reach::No,
            (Access::Guarded(rule), Self::Holder { role, permissions }) => {
                rule.assume(|leaf| known(leaf, role, permissions))
            }
        };
        match (rule.is_always_met(), rule.is_never_met()) {
            (true, _) => Reach::Yes,
            (_, true) => Reach::No,
            _ => Reach::If(rule),
        }
    }
}

fn known(leaf: &Leaf<'_>, role: Option<&str>, permissions: &BTreeSet<String>) -> Option<Standing> {
    match leaf {
        Leaf::Permission(key) => Some(Standing::known(permissions.contains(*key))),
        Leaf::Role(key) => Some(Standing::known(role == Some(key))),
        _ => None,
    }
}

/// Whether whoever could call a route then can call it still; where there is no route, nobody can.
pub(super) fn covers(wide: Option<&Access>, narrow: Option<&Access>) -> bool {
    match (wide, narrow) {
        (Some(Access::Public(_)), _) | (_, None) => true,
        (None, Some(Access::Guarded(rule))) => rule.is_never_met(),
        (Some(Access::Guarded(wide)), Some(Access::Guarded(narrow))) => narrow.implies(wide),
        (_, Some(Access::Public(_))) => false,
    }
}

impl Reach {
    /// Whether somebody with this reach gets wherever somebody with another does.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Yes, _) | (_, Self::No) => true,
            (Self::If(wide), Self::If(narrow)) => narrow.implies(wide),
            // A condition that always holds, or never, is no condition.
            _ => false,
        }
    }
}

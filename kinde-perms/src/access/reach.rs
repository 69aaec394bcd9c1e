//! Whether somebody reaches a route.

use std::collections::BTreeSet;

use super::route::Access;
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
        match (rule.is_always(), rule.is_never()) {
            (true, _) => Reach::Yes,
            (_, true) => Reach::No,
            _ => Reach::If(rule),
        }
    }
}

fn known(leaf: &Leaf<'_>, role: Option<&str>, permissions: &BTreeSet<String>) -> Option<bool> {
    match leaf {
        Leaf::Permission(key) => Some(permissions.contains(*key)),
        Leaf::Role(key) => Some(role == Some(key)),
        _ => None,
    }
}

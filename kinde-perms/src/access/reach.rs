//! Whether somebody reaches a route.

use std::collections::BTreeSet;

use super::route::Access;
use crate::policy::{self, Leaf, Rule, Standing};

/// Whether a caller reaches a route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Whatever else the token says.
    Yes,
    /// Whatever else the token says, not.
    No,
    /// If this holds, too: a rule about what a role does not tell, such as scopes, flags, organisation or principal, or a
    /// check of the resource.
    If(Access),
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
    match leaf {
        Leaf::Permission(key) => Some(Standing::known(permissions.contains(*key))),
        Leaf::Role(key) => Some(Standing::known(role == Some(key))),
        _ => None,
    }
}

/// Whether whoever could call a route then can call it still; where there is no route, nobody can.
pub(super) fn covers(wide: Option<&Access>, narrow: Option<&Access>) -> bool {
    match (wide, narrow) {
        (_, None) => true,
        (None, Some(narrow)) => narrow.rule().is_some_and(Rule::is_never_met),
        (Some(wide), Some(narrow)) => admits(wide, narrow),
    }
}

/// Whether one access lets in whomever another does. What a check says is not known, so it may refuse anybody.
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
    /// Whether somebody with this reach gets wherever somebody with another does.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Yes, _) | (_, Self::No) => true,
            (Self::If(wide), Self::If(narrow)) => admits(wide, narrow),
            // A condition that always holds, or never, is no condition.
            _ => false,
        }
    }
}

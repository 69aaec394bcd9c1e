//! Rules decided from claims.

use super::{Claims, UnverifiedClaims};
use crate::policy::{ClaimFault, Denied, Facts, Kind, Leaf, Outcome, Source, Standing, TokenRule};

/// A token alone, which knows nothing of the Account API. Nothing allocates or scans the permissions.
///
/// An absent claim lacks everything, except for the opt-in `roles`: without it, roles are unknown.
impl Facts for UnverifiedClaims {
    fn standing(&self, leaf: &Leaf<'_>) -> Standing {
        let key = leaf.key;
        if leaf.source == Source::Live {
            return Standing::Unasked(leaf.kind);
        }
        match leaf.kind {
            Kind::Permissions => self.permissions.standing(Standing::Lacking, |set| set.contains(key)),
            Kind::Roles => {
                self.roles.standing(Standing::Unknown, |roles| roles.iter().any(|role| role.key() == key))
            }
            Kind::Scopes => self.scopes.standing(Standing::Lacking, |set| set.contains(key)),
            Kind::FeatureFlags => {
                self.flags.standing(Standing::Lacking, |flags| flags.standing(key, leaf.value))
            }
            Kind::Organization => self.organization.standing(Standing::Lacking, |held| held.as_ref() == key),
            Kind::Principal => Standing::known(self.registered.principal.as_str() == key),
            // No claim has facts of the other kinds.
            _ => Standing::Unknown,
        }
    }

    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault {
        // Of the claims, only an absent `roles` makes anything unknown; any other absent claim is lacked.
        if leaf.kind == Kind::Roles && self.roles.is_absent() {
            ClaimFault::Absent
        } else {
            ClaimFault::Malformed
        }
    }
}

impl Facts for Claims {
    fn standing(&self, leaf: &Leaf<'_>) -> Standing {
        self.0.standing(leaf)
    }

    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault {
        self.0.fault(leaf)
    }
}

/// Rules in code, in the language of the attribute.
impl Claims {
    /// Returns `true` if the token satisfies a rule, without allocating.
    ///
    /// A [`Rule`](crate::Rule) read from text may have live parts. From a token alone, neither a live part nor its negation
    /// holds.
    #[must_use = "whether a rule holds stops nobody: write `if claims.has(&rule) { … }`, or `claims.require(&rule)?`"]
    pub fn has<R: TokenRule>(&self, rule: &R) -> bool {
        rule.as_rule_ref().outcome(self) == Outcome::Holds
    }

    /// Returns an error unless the token satisfies a rule.
    ///
    /// # Errors
    /// [`Denied`], which lists the missing rights.
    #[must_use = "a refusal that is dropped stops nobody: write `claims.require(&rule)?`"]
    pub fn require<R: TokenRule>(&self, rule: &R) -> Result<(), Denied> {
        if self.has(rule) { Ok(()) } else { Err(rule.as_rule_ref().denied(self)) }
    }
}

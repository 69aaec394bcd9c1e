//! Rules decided from claims.

use super::{Claims, UnverifiedClaims};
use crate::policy::{ClaimFault, Denied, Facts, Leaf, Outcome, Standing, TokenRule};

/// A token alone, which knows nothing of what only Kinde can tell. Nothing allocates or scans the permissions.
impl Facts for UnverifiedClaims {
    fn standing(&self, leaf: &Leaf<'_>) -> Standing {
        match *leaf {
            Leaf::Permission(key) => self.permissions.standing(Standing::Lacking, |set| set.contains(key)),
            Leaf::Role(key) => {
                self.roles.standing(Standing::Unknown, |roles| roles.iter().any(|role| role.key() == key))
            }
            Leaf::Scope(key) => self.scopes.standing(Standing::Lacking, |set| set.contains(key)),
            Leaf::FeatureFlag { name, value } => {
                self.flags.standing(Standing::Lacking, |flags| flags.standing(name, value))
            }
            Leaf::Organization(code) => {
                self.organization.standing(Standing::Lacking, |held| held.as_ref() == code)
            }
            Leaf::Principal(principal) => Standing::known(self.registered.principal == principal),
            Leaf::Live(live) => Standing::Unasked(live.resource()),
            // A kind of fact that this crate does not know.
            _ => Standing::Unknown,
        }
    }

    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault {
        let is_absent = match leaf {
            Leaf::Permission(_) => self.permissions.is_absent(),
            Leaf::Role(_) => self.roles.is_absent(),
            Leaf::Scope(_) => self.scopes.is_absent(),
            Leaf::FeatureFlag { .. } => self.flags.is_absent(),
            Leaf::Organization(_) => self.organization.is_absent(),
            _ => false,
        };
        if is_absent { ClaimFault::Absent } else { ClaimFault::Malformed }
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

/// Rules in code: the same language as the attribute, asked of claims at hand.
impl Claims {
    /// Returns `true` if the token satisfies a rule, without allocating.
    ///
    /// A [`Rule`](crate::Rule) read from text may ask for what only Kinde can tell; from a token alone that is neither held
    /// nor lacked.
    #[must_use = "whether a rule holds stops nobody: write `if claims.has(&rule) { … }`, or `claims.require(&rule)?`"]
    pub fn has<R: TokenRule>(&self, rule: &R) -> bool {
        rule.lent().outcome(self) == Outcome::Holds
    }

    /// Demands that the token satisfies a rule.
    ///
    /// # Errors
    /// [`Denied`], which says what is missing.
    #[must_use = "a refusal that is dropped stops nobody: write `claims.require(&rule)?`"]
    pub fn require<R: TokenRule>(&self, rule: &R) -> Result<(), Denied> {
        if self.has(rule) { Ok(()) } else { Err(rule.lent().denied(self)) }
    }
}

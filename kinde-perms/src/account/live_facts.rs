//! The facts for the decision of a live rule: the token's claims, and the answers of Kinde so far.

use std::sync::Arc;

use super::types::{Entitlements, LivePermissions, LiveRoles};
use crate::claims::{Claims, FeatureFlags};
use crate::policy::{ClaimFault, Facts, Kind, Leaf, Principal, Source, Standing};

pub(super) struct LiveFacts<'a> {
    claims: &'a Claims,
    pub(super) permissions: Option<Arc<LivePermissions>>,
    pub(super) roles: Option<Arc<LiveRoles>>,
    pub(super) flags: Option<Arc<FeatureFlags>>,
    pub(super) entitlements: Option<Arc<Entitlements>>,
}

impl<'a> LiveFacts<'a> {
    pub(super) fn of(claims: &'a Claims) -> Self {
        Self { claims, permissions: None, roles: None, flags: None, entitlements: None }
    }

    fn live(&self, leaf: &Leaf<'_>) -> Standing {
        // A machine has no account at Kinde, so a call would fail.
        if self.claims.principal() == Principal::Machine {
            return Standing::Unknown;
        }
        let key = leaf.key;
        let standing = match leaf.kind {
            Kind::Permissions => self.permissions.as_ref().map(|held| held.contains(key).into()),
            Kind::Roles => self.roles.as_ref().map(|held| held.contains(key).into()),
            Kind::FeatureFlags => self.flags.as_ref().map(|held| held.standing(key, leaf.value)),
            Kind::Entitlements => self.entitlements.as_ref().map(|held| held.contains(key).into()),
            // The Account API tells nothing of it, so it is not asked.
            _ => return Standing::Unknown,
        };
        standing.unwrap_or(Standing::Unasked(leaf.kind))
    }
}

impl Facts for LiveFacts<'_> {
    fn standing(&self, leaf: &Leaf<'_>) -> Standing {
        match leaf.source {
            Source::Live => self.live(leaf),
            Source::Token => self.claims.standing(leaf),
        }
    }

    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault {
        match leaf.source {
            Source::Live => ClaimFault::NotAsked,
            Source::Token => Facts::fault(self.claims, leaf),
        }
    }
}

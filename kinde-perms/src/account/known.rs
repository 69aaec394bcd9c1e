//! What is known while a rule is decided: the token, and whatever Kinde has been asked so far.

use std::sync::Arc;

use super::types::{Entitlements, LivePermissions, LiveRoles};
use crate::claims::{Claims, FeatureFlags};
use crate::policy::{ClaimFault, Facts, Leaf, Live, Principal, Standing};

pub(super) struct Known<'a> {
    claims: &'a Claims,
    pub(super) permissions: Option<Arc<LivePermissions>>,
    pub(super) roles: Option<Arc<LiveRoles>>,
    pub(super) flags: Option<Arc<FeatureFlags>>,
    pub(super) entitlements: Option<Arc<Entitlements>>,
}

impl<'a> Known<'a> {
    pub(super) fn of(claims: &'a Claims) -> Self {
        Self { claims, permissions: None, roles: None, flags: None, entitlements: None }
    }

    fn live(&self, live: &Live<&str>) -> Standing {
        // A machine has no account: nothing can be learnt about it, and asking would only fail.
        if self.claims.principal() == Principal::Machine {
            return Standing::Unknown;
        }
        let standing = match *live {
            Live::Permission(key) => self.permissions.as_ref().map(|held| held.contains(key).into()),
            Live::Role(key) => self.roles.as_ref().map(|held| held.contains(key).into()),
            Live::FeatureFlag { name, value } => self.flags.as_ref().map(|held| held.standing(name, value)),
            Live::Entitlement(name) => self.entitlements.as_ref().map(|held| held.contains(name).into()),
            // A kind of fact that this crate does not know.
            _ => return Standing::Unknown,
        };
        standing.unwrap_or(Standing::Unasked(live.resource()))
    }
}

impl Facts for Known<'_> {
    fn standing(&self, leaf: &Leaf<'_>) -> Standing {
        match leaf {
            Leaf::Live(live) => self.live(live),
            of_token => self.claims.standing(of_token),
        }
    }

    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault {
        match leaf {
            Leaf::Live(_) => ClaimFault::NotAsked,
            of_token => Facts::fault(self.claims, of_token),
        }
    }
}

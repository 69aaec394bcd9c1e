//! How much memory claims take, for the bound of the cache that holds them.

use super::key_set::KeySet;
use super::types::{Claim, Role};
use super::unverified::UnverifiedClaims;

impl UnverifiedClaims {
    /// Returns about how many bytes these claims take, what they have allocated included.
    pub(super) fn footprint(&self) -> usize {
        let registered = &self.registered;
        let of_registered = [
            self.payload.capacity(),
            registered.issuer.len(),
            length(registered.subject.as_deref()),
            length(registered.authorized_party.as_deref()),
            length(registered.token_id.as_deref()),
            present(&registered.audience, |audience| audience.0.allocated()),
        ];
        let of_kinde = [
            present(&self.organization, |code| code.len()),
            present(&self.permissions, KeySet::allocated),
            present(&self.roles, |roles| sum(roles.iter().map(Role::footprint))),
            present(&self.scopes, KeySet::allocated),
            present(&self.flags, super::FeatureFlags::allocated),
        ];
        sum(of_registered.into_iter().chain(of_kinde)).saturating_add(size_of::<Self>())
    }
}

fn length(text: Option<&str>) -> usize {
    text.map_or(0, str::len)
}

fn present<T>(claim: &Claim<T>, allocated: impl FnOnce(&T) -> usize) -> usize {
    claim.present().map_or(0, allocated)
}

fn sum(parts: impl IntoIterator<Item = usize>) -> usize {
    parts.into_iter().fold(0, usize::saturating_add)
}

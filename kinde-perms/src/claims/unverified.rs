//! The claims of a payload before, or without, a verification.

use std::fmt;

use super::flags::FeatureFlags;
use super::key_set::KeySet;
use super::types::{Audience, Claim, Role};
use crate::policy::Principal;

/// The claims of a payload, verified or not.
///
/// A value of this type proves nothing. Only `Rules::accept` turns one into [`Claims`](super::Claims), after the signature
/// was verified and the issuer, time and audience were validated.
pub struct UnverifiedClaims {
    pub(super) payload: String,
    pub(super) registered: Registered,
    pub(super) organization: Claim<Box<str>>,
    pub(super) permissions: Claim<KeySet>,
    pub(super) roles: Claim<Box<[Role]>>,
    pub(super) scopes: Claim<KeySet>,
    pub(super) flags: Claim<FeatureFlags>,
}

/// The claims that decide whether a token is accepted.
pub(crate) struct Registered {
    pub(crate) issuer: Box<str>,
    pub(super) audience: Claim<Audience>,
    pub(crate) lifetime: Lifetime,
    pub(super) subject: Option<Box<str>>,
    pub(crate) authorized_party: Option<Box<str>>,
    pub(super) token_id: Option<Box<str>>,
    pub(super) principal: Principal,
}

impl Registered {
    pub(crate) fn audience(&self) -> &Audience {
        self.audience.present().unwrap_or(Audience::EMPTY)
    }
}

/// The times of a token, in whole seconds since 1970 (RFC 7519 §4.1.4 to §4.1.6).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) expires_at: u64,
    pub(crate) not_before: Option<u64>,
    pub(crate) issued_at: Option<u64>,
}

/// The purpose of a token, as recognized by the members of its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Access,
    /// An ID token: it has `at_hash`, `c_hash` or `nonce` (OpenID Connect Core §2).
    Identity,
    /// The body of a Kinde webhook, signed with the same keys: it has `event_id`, and `data` or `type`.
    Webhook,
    /// A token that `cnf` binds to a key or a certificate (RFC 7800). A plain bearer request cannot prove its possession.
    Bound,
}

impl UnverifiedClaims {
    /// Returns `exp`, in whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.registered.lifetime.expires_at
    }

    pub(crate) fn registered(&self) -> &Registered {
        &self.registered
    }
}

impl UnverifiedClaims {
    /// Returns about how many bytes these claims take, what they have allocated included; it bounds the cache.
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
            present(&self.roles, |roles| sum(roles.iter().map(of_role))),
            present(&self.scopes, KeySet::allocated),
            present(&self.flags, FeatureFlags::allocated),
        ];
        sum(of_registered.into_iter().chain(of_kinde)).saturating_add(size_of::<Self>())
    }
}

fn of_role(role: &Role) -> usize {
    sum([size_of::<Role>(), length(role.id()), role.key().len(), length(role.name())])
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

impl fmt::Debug for UnverifiedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedClaims").finish_non_exhaustive()
    }
}

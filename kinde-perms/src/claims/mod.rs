//! What a verified access token says, in Kinde's vocabulary.

mod facts;
mod flags;
mod key_set;
mod types;
mod unverified;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

pub use self::flags::{FeatureFlag, FeatureFlags, FlagValue};
pub use self::types::{Audience, Permission, Permissions, Role, Scopes};

pub use self::unverified::UnverifiedClaims;

pub(crate) use self::unverified::{Lifetime, Purpose, Registered};
pub(crate) use self::wire::ClaimError;

#[cfg(feature = "account-api")]
pub(crate) use self::{flags::Flag, key_set::KeySet};
use crate::policy::Principal;

/// The claims of an access token whose signature, issuer, audience and lifetime have been verified.
///
/// A value of this type is proof of that verification: only a [`Validator`](crate::Validator) makes one. It is cheap to
/// clone. Its `Debug` output names the subject and the client, never the token.
///
/// As an Axum extractor it verifies the request's bearer token, or reuses what a guard on the same request has
/// verified. `Option<Claims>` is `None` for a request without an Authorization header, and refuses a bad one;
/// `Result<Claims, Rejection>` leaves every refusal to the handler.
#[derive(Clone)]
pub struct Claims(Arc<UnverifiedClaims>);

impl UnverifiedClaims {
    /// Declares these claims verified. `Rules::accept` alone may call it.
    pub(crate) fn into_verified(self) -> Claims {
        Claims(Arc::new(self))
    }
}

impl Claims {
    /// Makes claims of a payload that tests take as verified.
    #[cfg(test)]
    pub(crate) fn from_payload(payload: impl Into<String>) -> Result<Self, ClaimError> {
        UnverifiedClaims::from_payload(payload).map(UnverifiedClaims::into_verified)
    }

    /// Returns about how many bytes these claims take, their reference counts included.
    pub(crate) fn footprint(&self) -> usize {
        self.0.footprint().saturating_add(size_of::<[usize; 2]>())
    }

    /// Returns `exp`, `nbf` and `iat`.
    pub(crate) fn lifetime(&self) -> Lifetime {
        self.0.registered.lifetime
    }

    /// Returns the issuer (`iss`), which equals the configured one exactly.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.registered.issuer
    }

    /// Returns the audience (`aud`), one of which is the configured one.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        self.0.registered.audience()
    }

    /// Returns the user's id (`sub`, `kp_…`); a machine token has none.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.registered.subject.as_deref()
    }

    /// Returns the client the token was issued to (`azp`).
    #[must_use]
    pub fn authorized_party(&self) -> Option<&str> {
        self.0.registered.authorized_party.as_deref()
    }

    /// Returns the token's id (`jti`).
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.0.registered.token_id.as_deref()
    }

    /// Returns when the token expires (`exp`), in whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.0.registered.lifetime.expires_at
    }

    /// Returns when the token becomes valid (`nbf`), in whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn not_before(&self) -> Option<u64> {
        self.0.registered.lifetime.not_before
    }

    /// Returns when the token was issued (`iat`), in whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn issued_at(&self) -> Option<u64> {
        self.0.registered.lifetime.issued_at
    }

    /// Returns the organisation the user signed in to (`org_code`); `None` also when the claim is malformed.
    #[must_use]
    pub fn org_code(&self) -> Option<&str> {
        self.0.organization.present().map(AsRef::as_ref)
    }

    /// Returns who the token speaks for: a machine if `gty` contains `client_credentials`, else a user.
    #[must_use]
    pub fn principal(&self) -> Principal {
        self.0.registered.principal
    }

    /// Returns the permissions with their organisation; serialises as Kinde's `getPermissions()` does.
    #[must_use]
    pub fn permissions(&self) -> Permissions<'_> {
        Permissions { org_code: self.org_code(), keys: self.0.permissions.present() }
    }

    /// Returns whether one permission is granted; serialises as Kinde's `getPermission()` does.
    #[must_use]
    pub fn permission<'a>(&'a self, key: &'a str) -> Permission<'a> {
        let is_granted = self.0.permissions.present().is_some_and(|keys| keys.contains(key));
        Permission { key, org_code: self.org_code(), is_granted }
    }

    /// Returns the roles; empty when the opt-in `roles` claim is absent or malformed.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        self.0.roles.present().map_or(&[], AsRef::as_ref)
    }

    /// Returns the scopes (`scp`, else `scope` split on single spaces).
    #[must_use]
    pub fn scopes(&self) -> Scopes<'_> {
        Scopes { keys: self.0.scopes.present() }
    }

    /// Returns the feature flags; empty when the claim is absent or malformed.
    #[must_use]
    pub fn feature_flags(&self) -> &FeatureFlags {
        self.0.flags.present().unwrap_or(FeatureFlags::EMPTY)
    }

    /// Returns the value of one feature flag; what rules make of it is told at [`FlagValue`].
    #[must_use]
    pub fn feature_flag(&self, name: &str) -> Option<&FlagValue> {
        self.feature_flags().get(name)
    }

    /// Reads the whole payload as a type of yours, for claims this crate does not know.
    ///
    /// # Errors
    /// Whatever `T` refuses. The payload itself is well-formed JSON, since it has been verified.
    pub fn custom<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0.payload)
    }

    /// Returns one claim as it stands in the payload, for claims this crate does not know.
    ///
    /// It parses the payload anew: for several claims, read them at once with [`custom`](Self::custom).
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<serde_json::Value> {
        self.custom::<serde_json::Map<String, serde_json::Value>>().ok()?.remove(name)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .field("authorized_party", &self.authorized_party())
            .field("org_code", &self.org_code())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

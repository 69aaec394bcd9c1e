//! The claims of a verified access token, in Kinde's vocabulary.
//!
//! [`Claims`] has a method for each claim. The other types are the return types of these methods.
//!
//! ```
//! use kinde_perms::{Claims, claims::FlagValue};
//!
//! fn seats(claims: &Claims) -> i64 {
//!     match claims.feature_flag("seats") {
//!         Some(FlagValue::Integer(seats)) => *seats,
//!         _ => 1,
//!     }
//! }
//! ```

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
/// Only a [`Validator`](crate::Validator) creates a value of this type, so the value proves the verification. Clones are
/// cheap. The `Debug` output names the subject and the client, never the token.
///
/// As an Axum extractor, `Claims` verifies the request's bearer token, or reuses the claims that a guard has verified on
/// the same request. `Option<Claims>` is `None` for a request without an Authorization header, and refuses a bad one;
/// `Result<Claims, Rejection>` leaves every refusal to the handler.
#[derive(Clone)]
pub struct Claims(Arc<UnverifiedClaims>);

impl UnverifiedClaims {
    /// Turns these claims into verified ones. Only `Rules::accept` may call this method.
    pub(crate) fn into_verified(self) -> Claims {
        Claims(Arc::new(self))
    }
}

impl Claims {
    /// Creates claims from a payload that tests treat as verified.
    #[cfg(test)]
    pub(crate) fn from_payload(payload: impl Into<String>) -> Result<Self, ClaimError> {
        UnverifiedClaims::from_payload(payload).map(UnverifiedClaims::into_verified)
    }

    /// Returns the approximate memory use in bytes, including the reference counts.
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

    /// Returns the audience (`aud`), which contains a configured one.
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

    /// Returns the organization that the user signed in to (`org_code`); `None` if the claim is absent or malformed.
    #[must_use]
    pub fn org_code(&self) -> Option<&str> {
        self.0.organization.present().map(AsRef::as_ref)
    }

    /// Returns the principal: a machine if `gty` contains `client_credentials`, else a user.
    #[must_use]
    pub fn principal(&self) -> Principal {
        self.0.registered.principal
    }

    /// Returns the permissions with their organization; serializes as in Kinde's `getPermissions()`.
    #[must_use]
    pub fn permissions(&self) -> Permissions<'_> {
        Permissions { org_code: self.org_code(), keys: self.0.permissions.present() }
    }

    /// Returns one permission, granted or not; serializes as in Kinde's `getPermission()`.
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

    /// Returns the value of one feature flag. [`FlagValue`] explains how rules compare it.
    #[must_use]
    pub fn feature_flag(&self, name: &str) -> Option<&FlagValue> {
        self.feature_flags().get(name)
    }

    /// Deserializes the whole payload as a type of your own, for claims that this crate does not know.
    ///
    /// # Errors
    /// The payload is no `T`. It is always well-formed JSON, because it was verified.
    pub fn custom<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0.payload)
    }

    /// Returns one claim as JSON, for claims that this crate does not know.
    ///
    /// Each call parses the payload. Read several claims at once with [`custom`](Self::custom).
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

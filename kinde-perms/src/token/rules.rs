//! The rules by which a verified payload is accepted.

use std::time::Duration;

use super::algorithm::Algorithm;
use super::error::TokenError;
use super::jws::Signed;
use crate::claims::{Claims, Lifetime, Registered, UnverifiedClaims};

/// The rules of one API. The configuration creates them and has checked them.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) audiences: Vec<String>,
    pub(crate) algorithms: Vec<Algorithm>,
    /// The tolerated difference between clocks, in whole seconds.
    pub(crate) leeway: Duration,
    pub(crate) max_lifetime: Option<Duration>,
    /// The clients (`azp`) whose tokens are accepted; `None` accepts any.
    pub(crate) clients: Option<Vec<String>>,
}

impl Rules {
    /// Creates the claims of a signed token, if the rules accept it. No other function of the library creates [`Claims`].
    pub(crate) fn accept(
        &self,
        signed: Signed,
        issuer: &str,
        unix_time: Duration,
    ) -> Result<Claims, TokenError> {
        let claims = UnverifiedClaims::from_payload(signed.payload)?;
        self.validate(claims.registered(), issuer, unix_time)?;
        Ok(claims.into_verified())
    }

    /// Validates registered claims, in the documented order: issuer, time, client, audience.
    ///
    /// `unix_time` is the time since 1970; `issuer` is the spelling that `iss` must equal exactly.
    pub(crate) fn validate(
        &self,
        claims: &Registered,
        issuer: &str,
        unix_time: Duration,
    ) -> Result<(), TokenError> {
        if claims.issuer.as_ref() != issuer {
            return Err(TokenError::WrongIssuer);
        }
        self.validate_time(&claims.lifetime, unix_time.as_secs())?;
        self.validate_client(claims)?;
        if !self.audiences.iter().any(|api| claims.audience().contains(api)) {
            return Err(TokenError::WrongAudience);
        }
        Ok(())
    }

    /// Validates `exp`, `nbf`, `iat` and the lifetime. All sums saturate, so no claim can cause an overflow.
    pub(crate) fn validate_time(&self, lifetime: &Lifetime, now: u64) -> Result<(), TokenError> {
        let leeway = self.leeway.as_secs();
        let latest = now.saturating_add(leeway);
        if self.is_over(lifetime.expires_at, now) {
            return Err(TokenError::Expired);
        }
        if lifetime.not_before.is_some_and(|nbf| nbf > latest) {
            return Err(TokenError::NotYetValid);
        }
        if lifetime.issued_at.is_some_and(|iat| iat > latest) {
            return Err(TokenError::IssuedInFuture);
        }
        self.validate_length(lifetime)
    }

    /// Returns `true` if a token with this `exp` has expired, with the leeway.
    fn is_over(&self, expires_at: u64, now: u64) -> bool {
        now >= expires_at.saturating_add(self.leeway.as_secs())
    }

    fn validate_length(&self, lifetime: &Lifetime) -> Result<(), TokenError> {
        let Some(longest) = self.max_lifetime else { return Ok(()) };
        let issued_at = lifetime.issued_at.ok_or(TokenError::MissingClaim("iat"))?;
        if lifetime.expires_at.saturating_sub(issued_at) > longest.as_secs() {
            return Err(TokenError::LifetimeTooLong);
        }
        Ok(())
    }

    fn validate_client(&self, claims: &Registered) -> Result<(), TokenError> {
        let Some(allowed) = &self.clients else { return Ok(()) };
        match claims.authorized_party.as_deref() {
            Some(client) if allowed.iter().any(|one| one == client) => Ok(()),
            _ => Err(TokenError::ClientNotAllowed),
        }
    }
}

//! From a token string to claims.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::claims::Claims;
use crate::config::{self, ConfigError, ValidatorBuilder};
use crate::jwks::Keyring;
use crate::rejection::{Presentation, Reason, Rejection, VerifyError};
use crate::time::Clock;
use crate::token::{Rules, TokenError, Unverified};

/// Verifies access tokens of one issuer for one API; cheap to clone.
///
/// It holds the issuer's keys, keeps them fresh in the background, and is where a router's guards find them: use it as
/// the state of the router, or as a field of that state.
///
/// ```no_run
/// # async fn start() -> Result<(), kinde_perms::ConfigError> {
/// // Reads KINDE_ISSUER_URL and KINDE_API_AUDIENCE.
/// let validator = kinde_perms::Validator::from_env().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Validator(Arc<Inner>);

struct Inner {
    id: ValidatorId,
    rules: Rules,
    ring: Keyring,
    clock: Arc<dyn Clock>,
    presentation: Arc<Presentation>,
}

/// Tells validators apart, for the lifetime of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ValidatorId(u64);

impl ValidatorId {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Validator {
    /// Starts a validator from the environment, and fetches the issuer's keys.
    ///
    /// | setting | read from | form |
    /// |---|---|---|
    /// | issuer | `KINDE_ISSUER_URL`, else `KINDE_DOMAIN`, else `KINDE_HOST` | `https://your-business.kinde.com`; a missing scheme is added |
    /// | audience | `KINDE_API_AUDIENCE`, else `KINDE_AUDIENCE` | one API identifier, or several separated by spaces |
    ///
    /// # Errors
    /// A setting that is missing or wrong, or keys that could not be fetched in a few tries.
    #[cfg(feature = "jwks-http")]
    pub async fn from_env() -> Result<Self, ConfigError> {
        Self::builder_from_env()?.connect().await
    }

    /// Returns a builder with the issuer and the audience of the environment, as [`from_env`](Self::from_env) reads
    /// them.
    ///
    /// # Errors
    /// A setting that is missing or empty.
    pub fn builder_from_env() -> Result<ValidatorBuilder, ConfigError> {
        ValidatorBuilder::from_settings(config::environment)
    }

    /// Returns a builder for the tokens of `issuer` (a URL) that are meant for `audience` (the API's identifier).
    pub fn builder(issuer: impl Into<String>, audience: impl Into<String>) -> ValidatorBuilder {
        ValidatorBuilder::new(issuer.into(), audience.into())
    }

    pub(crate) fn new(
        rules: Rules,
        ring: Keyring,
        clock: Arc<dyn Clock>,
        presentation: Presentation,
    ) -> Self {
        let presentation = Arc::new(presentation);
        Self(Arc::new(Inner { id: ValidatorId::next(), rules, ring, clock, presentation }))
    }

    /// Verifies a token and returns its claims.
    ///
    /// It waits only when the token's key is unknown and worth a fetch: then up to 2 seconds.
    ///
    /// # Errors
    /// [`VerifyError::Token`] if the token is at fault, [`VerifyError::Keys`] if the keys are not at hand.
    pub async fn verify(&self, token: &str) -> Result<Claims, VerifyError> {
        self.verify_now(token).unwrap_or(Err(TokenError::UnknownKey.into()))
    }

    pub(crate) fn verify_now(&self, token: &str) -> Option<Result<Claims, VerifyError>> {
        let inner = &self.0;
        let attempt = || {
            let unverified = Unverified::parse(token, &inner.rules.algorithms)?;
            let snapshot = inner.ring.current().ok_or(TokenError::UnknownKey)?;
            let entry = snapshot.keys.get(unverified.kid()).ok_or(TokenError::UnknownKey)?;
            let payload = unverified.verify(entry.key())?;
            inner.rules.judge(payload, &snapshot.issuer, inner.clock.unix_time())
        };
        Some(attempt().map_err(VerifyError::Token))
    }

    /// Makes a rejection that is shown as this validator is configured to, and records it.
    pub(crate) fn reject(&self, reason: Reason) -> Rejection {
        Rejection::new(reason, &self.0.presentation)
    }

    pub(crate) fn id(&self) -> ValidatorId {
        self.0.id
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator").field("rules", &self.0.rules).finish_non_exhaustive()
    }
}

//! Real claims without a runtime and without a port.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::builder::DEFAULT_AUDIENCE;
use crate::keys::SigningKey;
use crate::keys::key_set;
use crate::token::TokenBuilder;
use kinde_perms::time::{Clock, SystemClock};
use kinde_perms::{Claims, Validator, ValidatorBuilder, VerifyError};

/// The issuer of offline tokens, under a reserved name that nobody can register (RFC 6761 §6.2).
const ISSUER: &str = "https://acme.kinde.test";

/// A validator over a fixed key set, and tokens that it accepts, for plain `#[test]`s.
///
/// Nothing is faked: every token is signed and all [`Claims`] come from a verification. No runtime is needed, because
/// the keys are at hand and a verification never waits.
///
/// ```
/// use kinde_perms_testkit::Offline;
///
/// let claims = Offline::new().claims(|token| token.permission("read:todos").role("viewer"));
/// assert!(claims.permission("read:todos").is_granted());
/// assert!(!claims.permission("create:todos").is_granted());
/// ```
#[derive(Clone, Debug)]
pub struct Offline {
    validator: Validator,
    clock: Arc<dyn Clock>,
}

impl Offline {
    /// Creates a validator with the default settings and the shared key.
    #[must_use]
    pub fn new() -> Self {
        Self::at(SystemClock)
    }

    /// Creates a validator that reads the time from `clock`, as its tokens do.
    #[must_use]
    pub fn at(clock: impl Clock) -> Self {
        Self::with(clock, |settings| settings)
    }

    /// Creates a validator with further settings, such as a list of clients.
    ///
    /// # Panics
    /// When the validator refuses the settings.
    #[expect(clippy::expect_used, reason = "a test with settings that make no sense cannot go on")]
    #[must_use]
    pub fn with(clock: impl Clock, settings: impl FnOnce(ValidatorBuilder) -> ValidatorBuilder) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let builder = settings(Validator::builder(ISSUER, DEFAULT_AUDIENCE)).clock(Arc::clone(&clock));
        let keys = key_set([SigningKey::shared().public_jwk().to_string()]);
        Self { validator: builder.build_with_static_keys(&keys).expect("the validator's settings"), clock }
    }

    /// Returns the validator, for example as the state of a router.
    #[must_use]
    pub fn validator(&self) -> Validator {
        self.validator.clone()
    }

    /// Creates a builder for a token that the validator accepts.
    pub fn token(&self) -> TokenBuilder {
        TokenBuilder::new(ISSUER, DEFAULT_AUDIENCE).clock(Arc::clone(&self.clock))
    }

    /// Verifies a token without waiting.
    ///
    /// # Errors
    /// As [`Validator::verify`].
    pub fn verify(&self, token: &str) -> Result<Claims, VerifyError> {
        at_once(self.validator.verify(token))
    }

    /// Signs a token, verifies it and returns its claims.
    ///
    /// # Panics
    /// When the token is not valid; [`verify`](Self::verify) is for tokens that are wrong on purpose.
    #[expect(clippy::panic, reason = "the test asks for claims that no token can have")]
    #[must_use]
    #[track_caller]
    pub fn claims(&self, describe: impl FnOnce(TokenBuilder) -> TokenBuilder) -> Claims {
        let verified = self.verify(&describe(self.token()).sign());
        verified.unwrap_or_else(|error| panic!("these claims do not make a valid token: {error}"))
    }
}

impl Default for Offline {
    fn default() -> Self {
        Self::new()
    }
}

/// Polls a future that is ready at once.
#[expect(clippy::panic, reason = "with fixed keys there is nothing that a verification could wait for")]
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a verification with fixed keys waited"),
    }
}

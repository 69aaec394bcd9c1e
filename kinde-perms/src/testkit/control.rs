//! Everything that can be done to a running issuer, as methods; `/dev/control` is a door to these.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::keys::SigningKey;
use super::signin::REFRESH_LIFE;
use super::state::State;
use super::{Endpoint, Fault, Issuer};
use crate::printable::Printable;

/// Kinde's SDK asks for a new token ten seconds before the old one ends, and at once if that is past already.
const SHORTEST_LIFE: Duration = Duration::from_secs(10);

/// Clocks that are wrong by more are not worth a test, and seconds stay far from where numbers end.
const LARGEST_SKEW: u64 = 366 * 24 * 60 * 60;

/// Why an [`Issuer`] does not do what it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ControlError(String);

impl ControlError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.0).fmt(f)
    }
}

impl Error for ControlError {}

/// What people who sign in get, from the next token on; tokens of [`Issuer::token`] are what the test makes of them.
impl Issuer {
    /// Sets how long access tokens are good, of people and of machines.
    ///
    /// # Errors
    /// For 10 s or less: Kinde's SDK renews a token 10 s before it ends, so it would do nothing else. For more than 15
    /// days, which is how long a refresh token is good.
    pub fn set_token_life(&self, life: Duration) -> Result<(), ControlError> {
        self.state.set_token_life(life)
    }

    /// Sets by how many seconds the issuer's clock is ahead: the times in its tokens are wrong by that.
    ///
    /// # Errors
    /// For more than a year.
    pub fn set_clock_skew(&self, seconds: i64) -> Result<(), ControlError> {
        self.state.set_clock_skew(seconds)
    }

    /// Gives out access tokens that expired an hour ago, while the answer announces their usual life.
    pub fn set_expired_tokens(&self, on: bool) {
        self.state.change(|settings| settings.expired_tokens = on);
    }

    /// Sets what somebody may do; a person is named as on the page.
    ///
    /// Their roles stay. The Account API says so at once, tokens from the next one on: a refresh brings it, too, where
    /// Kinde would answer with the old access token as long as it is good.
    ///
    /// # Errors
    /// When nobody has that name.
    pub fn set_permissions<K: Into<String>>(
        &self,
        person: &str,
        permissions: impl IntoIterator<Item = K>,
    ) -> Result<(), ControlError> {
        self.state.set_permissions(person, permissions.into_iter().map(Into::into).collect())
    }

    /// Ends somebody's sessions and refresh tokens.
    ///
    /// Their access tokens are good for whoever checks signatures until they end, as anywhere; introspection and the user
    /// profile, which ask the issuer, refuse them from now on.
    ///
    /// # Errors
    /// When nobody has that name.
    pub fn revoke(&self, person: &str) -> Result<(), ControlError> {
        self.state.revoke(person)
    }

    /// Makes everything as it was at the start, except for keys, accounts, the cache header and the counts of requests.
    ///
    /// No fault is set, tokens live as long as Kinde's, the clock is right, people may do what they could, and nobody is
    /// signed in.
    pub fn reset(&self) {
        self.state.reset();
    }
}

impl State {
    pub(super) fn rotate(&self) -> SigningKey {
        let key = SigningKey::generate(self.read(|settings| settings.signing.algorithm()));
        self.change(|settings| {
            settings.published.push(key.clone());
            settings.signing = key.clone();
        });
        key
    }

    pub(super) fn replace_key_keeping_kid(&self) -> SigningKey {
        let old = self.read(|settings| settings.signing.clone());
        let key = SigningKey::generate(old.algorithm()).with_kid(old.kid());
        self.change(|settings| {
            settings.published.retain(|key| key.kid() != old.kid());
            settings.published.push(key.clone());
            settings.signing = key.clone();
        });
        key
    }

    pub(super) fn set_fault(&self, endpoint: Endpoint, fault: Fault) {
        self.change(|settings| drop(settings.faults.insert(endpoint, fault)));
    }

    pub(super) fn set_token_life(&self, life: Duration) -> Result<(), ControlError> {
        if life <= SHORTEST_LIFE {
            return Err(ControlError::new(
                "a token must live longer than 10 seconds: Kinde's SDK renews it 10 seconds before it ends, and would do \
                 nothing else",
            ));
        }
        if life > REFRESH_LIFE {
            return Err(ControlError::new(
                "a token must not live longer than a refresh token: 1296000 seconds",
            ));
        }
        self.change(|settings| settings.token_life = Some(life));
        Ok(())
    }

    pub(super) fn set_clock_skew(&self, seconds: i64) -> Result<(), ControlError> {
        if seconds.unsigned_abs() > LARGEST_SKEW {
            return Err(ControlError::new("a clock is wrong by a year at most: 31622400 seconds"));
        }
        self.change(|settings| settings.clock_skew = seconds);
        Ok(())
    }

    pub(super) fn set_permissions(&self, person: &str, permissions: Vec<String>) -> Result<(), ControlError> {
        self.known(person)?;
        self.change(|settings| {
            if let Some(person) = settings.people.iter_mut().find(|known| known.id() == person) {
                person.set_permissions(permissions);
            }
        });
        Ok(())
    }

    pub(super) fn revoke(&self, person: &str) -> Result<(), ControlError> {
        self.known(person)?;
        self.signin.store().revoke_person(person);
        Ok(())
    }

    pub(super) fn reset(&self) {
        self.signin.forget_everybody();
        self.change(|settings| {
            settings.faults.clear();
            settings.people.clone_from(&self.signin.people);
            settings.token_life = None;
            settings.clock_skew = 0;
            settings.expired_tokens = false;
        });
    }

    fn known(&self, person: &str) -> Result<(), ControlError> {
        let people: Vec<_> =
            self.read(|settings| settings.people.iter().map(|person| person.id().to_owned()).collect());
        if people.iter().any(|known| known == person) {
            return Ok(());
        }
        let known = if people.is_empty() { "nobody".to_owned() } else { people.join(", ") };
        Err(ControlError::new(format!("`{person}` cannot sign in here; who can: {known}")))
    }
}

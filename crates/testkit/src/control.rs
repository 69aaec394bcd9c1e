//! Changes to a running issuer, by the methods of its handle and by `/dev/control`.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::faults::{Endpoint, Fault};
use crate::keys::SigningKey;
use crate::signin::REFRESH_LIFE;
use crate::state::State;
use kinde_perms::__crates::line;

/// Kinde's SDK renews a token ten seconds before it expires, so it would renew shorter ones without end.
const SHORTEST_LIFE: Duration = Duration::from_secs(10);

/// A year. Larger skews are not worth a test, and times stay far from the limits of their type.
const LARGEST_SKEW: u64 = 366 * 24 * 60 * 60;

/// Error of an [`Issuer`](crate::Issuer) that refuses a change.
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
        f.write_str(&line(&self.0))
    }
}

impl Error for ControlError {}

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
            return Err(ControlError::new("the clock skew is a year at most: 31622400 seconds"));
        }
        self.change(|settings| settings.clock_skew = seconds);
        Ok(())
    }

    pub(super) fn set_permissions(&self, person: &str, permissions: Vec<String>) -> Result<(), ControlError> {
        self.check_person(person)?;
        self.change(|settings| {
            if let Some(person) = settings.people.iter_mut().find(|known| known.id() == person) {
                person.set_permissions(permissions);
            }
        });
        Ok(())
    }

    pub(super) fn revoke(&self, person: &str) -> Result<(), ControlError> {
        self.check_person(person)?;
        self.signin.revoke_person(person);
        Ok(())
    }

    pub(super) fn reset(&self) {
        self.signin.revoke_all();
        self.change(|settings| {
            settings.faults.clear();
            settings.people.clone_from(&self.signin.people);
            settings.token_life = None;
            settings.clock_skew = 0;
            settings.expired_tokens = false;
        });
    }

    fn check_person(&self, person: &str) -> Result<(), ControlError> {
        let people: Vec<_> =
            self.read(|settings| settings.people.iter().map(|person| person.id().to_owned()).collect());
        if people.iter().any(|known| known == person) {
            return Ok(());
        }
        let known = if people.is_empty() { "nobody".to_owned() } else { people.join(", ") };
        Err(ControlError::new(format!("`{person}` cannot sign in here; who can: {known}")))
    }
}

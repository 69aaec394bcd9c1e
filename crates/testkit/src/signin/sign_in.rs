//! What every request of the sign-in is judged by.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use kinde_perms::access::Catalogue;
use kinde_perms::time::Clock;

use super::cookies;
use super::store::{self, Store};
use crate::client::Clients;
use crate::ids;
use crate::person::Person;

/// What the sign-in of an issuer is made of.
#[derive(Debug)]
pub(crate) struct SignIn {
    pub(super) url: String,
    pub(super) port: u16,
    pub(super) audience: String,
    pub(crate) clients: Clients,
    /// Which permissions and roles exist, beside those that people have.
    pub(super) catalogue: Catalogue,
    /// Who can sign in, as they were at first.
    pub(crate) people: Vec<Person>,
    pub(super) clock: Arc<dyn Clock>,
    store: Mutex<Store>,
}

impl SignIn {
    pub(crate) fn new(
        (url, port): (&str, u16),
        audience: &str,
        clients: Clients,
        (people, catalogue): (Vec<Person>, Catalogue),
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (url, audience) = (url.to_owned(), audience.to_owned());
        let store = Mutex::new(Store::new(&ids::secret()));
        Self { url, port, audience, clients, catalogue, people, clock, store }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the sessions and the grants of one person.
    pub(crate) fn forget(&self, person: &str) {
        self.store().revoke_person(person);
    }

    /// Ends every session and every grant.
    pub(crate) fn forget_everybody(&self) {
        *self.store() = Store::new(&ids::secret());
    }

    /// The time by which things under way end.
    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Returns what an access token is worth, unless it is not good.
    pub(super) fn issued(&self, token: &str) -> Option<store::Issued> {
        self.store().issued(self.now(), self.clock.unix_time(), token).cloned()
    }

    /// Returns who is signed in where the request comes from.
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<store::Session> {
        self.store().session(self.now(), cookies::session(headers, self.port)?).cloned()
    }

    /// The audience of Kinde's Management API.
    pub(super) fn management_audience(&self) -> String {
        format!("{}/api", self.url)
    }
}

//! The shared state of the sign-in endpoints.

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

#[derive(Debug)]
pub(crate) struct SignIn {
    pub(super) url: String,
    pub(super) port: u16,
    pub(super) audience: String,
    pub(crate) clients: Clients,
    /// The permissions and roles that exist besides those of `people`.
    pub(super) catalogue: Catalogue,
    /// The people who can sign in, with their original rights.
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
    pub(crate) fn revoke_person(&self, person: &str) {
        self.store().revoke_person(person);
    }

    /// Ends every session and every grant.
    pub(crate) fn revoke_all(&self) {
        *self.store() = Store::new(&ids::secret());
    }

    /// Returns the monotonic time, by which entries of the store expire.
    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Returns the record of a valid access token.
    pub(super) fn issued(&self, token: &str) -> Option<store::Issued> {
        self.store().issued(self.now(), self.clock.unix_time(), token).cloned()
    }

    /// Returns the session of the browser that sent the request.
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<store::Session> {
        self.store().session(self.now(), cookies::session(headers, self.port)?).cloned()
    }

    /// Returns the audience of Kinde's Management API.
    pub(super) fn management_audience(&self) -> String {
        format!("{}/api", self.url)
    }
}

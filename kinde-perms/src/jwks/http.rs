//! Fetches the key set from the issuer: the only network code of this crate.
//!
//! Where the set lies is discovered once and remembered. Whenever the set cannot be had there, what was remembered is
//! forgotten, so that the next fetch, at the pace of the back-off, begins with discovery: one rule that finds a set
//! that moved, and never costs more than two requests for a fetch.

mod address;
mod cache_control;
mod client;
mod discovery;

use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Url;

use self::client::{Client, Limits};
use self::discovery::Endpoint;
use super::{Fetched, Fetching, KeyError, KeySource};

/// The key set of an issuer, found by OpenID Connect Discovery and fetched over HTTPS.
///
/// - `{issuer}/.well-known/openid-configuration` names the key set and spells the issuer. If it is answered with 404,
///   the set is expected at `{issuer}/.well-known/jwks.json`, and the issuer is spelt as it was given,
///   or as discovery spelt it before.
/// - The set must be on the issuer's host, or both on loopback. Plain `http` is accepted only if issuer and set are both on
///   loopback: exactly `localhost`, `127.0.0.0/8` and `[::1]`, which are never reached through a proxy.
/// - A connection takes at most 2 s, an answer at most 5 s and 512 KiB, and no redirection is followed.
#[derive(Debug)]
pub(crate) struct HttpSource {
    issuer: String,
    base: Url,
    /// The key set's address, if it was given: then nothing is discovered.
    given: Option<Url>,
    discovered: Mutex<Discovered>,
    client: Client,
}

/// What discovery has told.
#[derive(Debug, Default)]
struct Discovered {
    /// Forgotten when the set cannot be had there.
    endpoint: Option<Endpoint>,
    /// How the issuer was last spelt, which is never forgotten.
    spelling: Option<String>,
}

impl HttpSource {
    /// Makes a source that discovers where the issuer's key set lies.
    ///
    /// # Errors
    ///
    /// [`KeyError::InvalidUrl`] if the issuer is no absolute URL, or has credentials, a query or a fragment;
    /// [`KeyError::InsecureUrl`] if it is plain `http` off loopback.
    pub(crate) fn new(issuer: &str) -> Result<Self, KeyError> {
        let base = address::issuer(issuer)?;
        let (discovered, client) = (Mutex::default(), Client::new(Limits::default()));
        Ok(Self { issuer: issuer.to_owned(), base, given: None, discovered, client })
    }

    /// Makes a source that fetches the key set from a given address, which may be on any host.
    ///
    /// Nothing is discovered then: a token's `iss` must be spelt exactly as `issuer`.
    ///
    /// # Errors
    ///
    /// As [`Self::new`], for either address; plain `http` is accepted only if both are on loopback.
    pub(crate) fn at(issuer: &str, key_set: &str) -> Result<Self, KeyError> {
        let mut source = Self::new(issuer)?;
        source.given = Some(address::key_set(key_set, &source.base)?);
        Ok(source)
    }

    async fn fetch_set(&self) -> Result<Fetched, KeyError> {
        let endpoint = self.endpoint().await?;
        let answer = self.client.get(&endpoint.key_set).await.inspect_err(|_| self.forget())?;
        Ok(Fetched { body: answer.body, max_age: answer.max_age, issuer: Some(endpoint.issuer) })
    }

    async fn endpoint(&self) -> Result<Endpoint, KeyError> {
        if let Some(key_set) = &self.given {
            return Ok(Endpoint { issuer: self.issuer.clone(), key_set: key_set.clone() });
        }
        let remembered = self.discovered().endpoint.clone();
        match remembered {
            Some(endpoint) => Ok(endpoint),
            None => self.discover().await,
        }
    }

    async fn discover(&self) -> Result<Endpoint, KeyError> {
        match self.client.get(&address::well_known(&self.issuer, "openid-configuration")?).await {
            Ok(answer) => {
                let endpoint = discovery::read(&answer.body, &self.issuer, &self.base)?;
                self.remember(&endpoint);
                Ok(endpoint)
            }
            // Not remembered, and no say about the spelling: the document may be missing for a moment only.
            Err(KeyError::Status(404)) => {
                let key_set = address::well_known(&self.issuer, "jwks.json")?;
                let issuer = self.discovered().spelling.clone().unwrap_or_else(|| self.issuer.clone());
                Ok(Endpoint { issuer, key_set })
            }
            Err(error) => Err(error),
        }
    }

    fn discovered(&self) -> MutexGuard<'_, Discovered> {
        self.discovered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, endpoint: &Endpoint) {
        let (issuer, endpoint) = (endpoint.issuer.clone(), endpoint.clone());
        *self.discovered() = Discovered { endpoint: Some(endpoint), spelling: Some(issuer) };
    }

    fn forget(&self) {
        self.discovered().endpoint = None;
    }
}

impl KeySource for HttpSource {
    fn fetch(&self) -> Fetching<'_> {
        Box::pin(self.fetch_set())
    }
}

#[cfg(test)]
mod tests;

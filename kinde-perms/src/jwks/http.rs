//! Fetches the key set from the issuer: the only network code of this crate.
//!
//! Where the set lies is discovered once and remembered. Whenever the set cannot be had there, that is doubted, so that
//! the next fetch, at the pace of the back-off, begins with discovery: one rule that finds a set that moved, and never
//! costs more than two requests for a fetch. While discovery itself cannot answer, what was remembered serves on: two
//! documents that fail in turn are not to be worse than one.

mod address;
mod cache_control;
mod client;
mod discovery;

use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Url;

pub(crate) use self::client::Client;
use self::client::Limits;
#[cfg(feature = "account-api")]
pub(crate) use self::client::Refused;
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

/// What discovery has told so far.
#[derive(Debug, Default)]
struct Discovered {
    last: Option<Endpoint>,
    /// The set was not to be had there the last time.
    doubted: bool,
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
        let answer =
            self.client.get(&endpoint.key_set).await.inspect_err(|_| self.discovered().doubted = true)?;
        Ok(Fetched { body: answer.body, max_age: answer.max_age, issuer: Some(endpoint.issuer) })
    }

    async fn endpoint(&self) -> Result<Endpoint, KeyError> {
        if let Some(key_set) = &self.given {
            return Ok(Endpoint { issuer: self.issuer.clone(), key_set: key_set.clone() });
        }
        match self.remembered() {
            (Some(endpoint), false) => Ok(endpoint),
            (last, _) => self.discover(last).await,
        }
    }

    async fn discover(&self, last: Option<Endpoint>) -> Result<Endpoint, KeyError> {
        let found = match self.client.get(&address::well_known(&self.issuer, "openid-configuration")?).await {
            Ok(answer) => discovery::read(&answer.body, &self.issuer, &self.base),
            // Not remembered: a document that is missing for a moment must not decide about the issuer's spelling.
            Err(KeyError::Status(404)) => return self.usual_place(last),
            Err(error) => return last.ok_or(error),
        };
        match (found, last) {
            (Ok(endpoint), _) => Ok(self.remember(endpoint)),
            // A page in place of the document tells nothing; a document that says otherwise does.
            (Err(KeyError::NotADiscoveryDocument), Some(last)) => Ok(last),
            (Err(error), _) => Err(error),
        }
    }

    /// Where the set of an issuer without discovery is expected; it is spelt as it was, when it had some.
    fn usual_place(&self, last: Option<Endpoint>) -> Result<Endpoint, KeyError> {
        let issuer = last.map_or_else(|| self.issuer.clone(), |last| last.issuer);
        Ok(Endpoint { issuer, key_set: address::well_known(&self.issuer, "jwks.json")? })
    }

    fn discovered(&self) -> MutexGuard<'_, Discovered> {
        self.discovered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self) -> (Option<Endpoint>, bool) {
        let discovered = self.discovered();
        (discovered.last.clone(), discovered.doubted)
    }

    fn remember(&self, endpoint: Endpoint) -> Endpoint {
        *self.discovered() = Discovered { last: Some(endpoint.clone()), doubted: false };
        endpoint
    }
}

impl KeySource for HttpSource {
    fn fetch(&self) -> Fetching<'_> {
        Box::pin(self.fetch_set())
    }
}

#[cfg(test)]
mod tests;

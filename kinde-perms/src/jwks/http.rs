//! Fetches the key set from the issuer: the only network code of this crate.
//!
//! 1. The first fetch discovers the address of the key set. [`HttpSource`] remembers it.
//! 2. A further fetch requests the set from that address, without discovery.
//! 3. If that request fails, the address is doubtful, and the next fetch, after the back-off, begins with discovery. So a
//!    set that moved is found, and a fetch takes two requests at most.
//! 4. If discovery fails too, the remembered address is used. So discovery and the set may fail in turn without an outage.

mod address;
mod cache_control;
mod client;
mod discovery;

use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Url;

#[cfg(feature = "account-api")]
pub(crate) use self::client::FailedRequest;
pub(crate) use self::client::HttpClient;
use self::client::Limits;
use self::discovery::Endpoint;
use super::{Fetched, Fetching, KeyError, KeySource};

/// The key set of an issuer, found by OpenID Connect Discovery and fetched over HTTPS.
///
/// - `{issuer}/.well-known/openid-configuration` has the address of the key set and the issuer's own spelling. If that
///   document is answered with 404, the set is at `{issuer}/.well-known/jwks.json`. The issuer's spelling is then the one
///   that discovery returned before, else the configured one.
/// - The set must be on the issuer's host, or both on loopback. Plain `http` is accepted only if issuer and set are both on
///   loopback: exactly `localhost`, `127.0.0.0/8` and `[::1]`. Requests to loopback bypass every proxy.
/// - The connection must stand after 2 s, and the response, of 512 KiB at most, must be complete after 5 s. No redirection
///   is followed.
#[derive(Debug)]
pub(crate) struct HttpSource {
    issuer: String,
    base: Url,
    /// The configured address of the key set; with it, there is no discovery.
    configured: Option<Url>,
    discovered: Mutex<Discovered>,
    client: HttpClient,
}

/// The last result of discovery.
#[derive(Debug, Default)]
struct Discovered {
    last: Option<Endpoint>,
    /// `true` if the last request for the set at this address failed.
    is_doubtful: bool,
}

impl HttpSource {
    /// Creates a source that discovers the address of the issuer's key set.
    ///
    /// # Errors
    ///
    /// [`KeyError::InvalidUrl`] if the issuer is not an absolute URL, or has credentials, a query or a fragment;
    /// [`KeyError::InsecureUrl`] if it is plain `http` off loopback.
    pub(crate) fn new(issuer: &str) -> Result<Self, KeyError> {
        let base = address::issuer(issuer)?;
        let (discovered, client) = (Mutex::default(), HttpClient::new(Limits::default()));
        Ok(Self { issuer: issuer.to_owned(), base, configured: None, discovered, client })
    }

    /// Creates a source that fetches the key set from a configured address, which may be on any host.
    ///
    /// There is no discovery: a token's `iss` must equal `issuer` exactly.
    ///
    /// # Errors
    ///
    /// As [`Self::new`], for either address; plain `http` is accepted only if both are on loopback.
    pub(crate) fn at(issuer: &str, key_set: &str) -> Result<Self, KeyError> {
        let mut source = Self::new(issuer)?;
        source.configured = Some(address::key_set(key_set, &source.base)?);
        Ok(source)
    }

    async fn fetch_set(&self) -> Result<Fetched, KeyError> {
        let endpoint = self.endpoint().await?;
        let answer =
            self.client.get(&endpoint.key_set).await.inspect_err(|_| self.discovered().is_doubtful = true)?;
        Ok(Fetched { body: answer.body, max_age: answer.max_age, issuer: Some(endpoint.issuer) })
    }

    async fn endpoint(&self) -> Result<Endpoint, KeyError> {
        if let Some(key_set) = &self.configured {
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
            // Not remembered: a document that is missing for a moment must not change the issuer's spelling.
            Err(KeyError::Status(404)) => return self.default_endpoint(last),
            Err(error) => return last.ok_or(error),
        };
        match (found, last) {
            (Ok(endpoint), _) => Ok(self.remember(endpoint)),
            // A web page in place of the document proves nothing. A document of another issuer does.
            (Err(KeyError::NotADiscoveryDocument), Some(last)) => Ok(last),
            (Err(error), _) => Err(error),
        }
    }

    /// Returns the endpoint of an issuer without discovery, with the issuer's last known spelling.
    fn default_endpoint(&self, last: Option<Endpoint>) -> Result<Endpoint, KeyError> {
        let issuer = last.map_or_else(|| self.issuer.clone(), |last| last.issuer);
        Ok(Endpoint { issuer, key_set: address::well_known(&self.issuer, "jwks.json")? })
    }

    fn discovered(&self) -> MutexGuard<'_, Discovered> {
        self.discovered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self) -> (Option<Endpoint>, bool) {
        let discovered = self.discovered();
        (discovered.last.clone(), discovered.is_doubtful)
    }

    fn remember(&self, endpoint: Endpoint) -> Endpoint {
        *self.discovered() = Discovered { last: Some(endpoint.clone()), is_doubtful: false };
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

//! One bounded GET.

use std::error::Error as _;
use std::sync::{Arc, OnceLock};
#[cfg(feature = "account-api")]
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[cfg(feature = "account-api")]
use http::HeaderValue;
use http::StatusCode;
use http::header::ACCEPT;
#[cfg(feature = "account-api")]
use http::header::{AUTHORIZATION, RETRY_AFTER};
use reqwest::{ClientBuilder, RequestBuilder, Response, Url, redirect};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
#[cfg(feature = "account-api")]
use tokio::runtime::{self, Handle};

use super::{address, cache_control};
use crate::jwks::KeyError;
use crate::jwks::document::MAX_BYTES;

const USER_AGENT: &str = concat!("kinde-perms/", env!("CARGO_PKG_VERSION"));

/// How long a request may take, and how much it may bring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    /// From the first step of the connection to the last byte of the body.
    pub(super) total: Duration,
    pub(super) bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), total: Duration::from_secs(5), bytes: MAX_BYTES }
    }
}

/// A complete answer with status 200.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(super) max_age: Option<Duration>,
}

/// A request that brought no answer.
#[cfg(feature = "account-api")]
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: KeyError,
    /// The first `Retry-After` of what came in place of the answer.
    pub(crate) retry_after: Option<HeaderValue>,
}

#[cfg(feature = "account-api")]
impl From<KeyError> for Refused {
    fn from(error: KeyError) -> Self {
        Self { error, retry_after: None }
    }
}

/// Makes one connection per request for keys, and keeps those of [`get_as`](Self::get_as).
///
/// Requests for keys are minutes apart, so a connection kept open would only be found dead; and it would belong to a runtime
/// that may be gone by then. TLS sessions are resumed. The pages and questions of users follow each other closely.
#[derive(Debug)]
pub(crate) struct Client {
    limits: Limits,
    #[cfg(feature = "account-api")]
    kept: Kept,
    /// Made with the first request over TLS, because that reads the system's certificates.
    tls: OnceLock<ClientConfig>,
}

#[cfg(feature = "account-api")]
impl Default for Client {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// The client with the kept connections, all to one host. They are tasks of one runtime, so another one makes its own client.
#[cfg(feature = "account-api")]
type Kept = Mutex<Option<(runtime::Id, reqwest::Client)>>;

/// The life of an unused connection: shorter than servers commonly allow, so that none closes under a request.
#[cfg(feature = "account-api")]
const MAX_IDLE: Duration = Duration::from_secs(30);

impl Client {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            #[cfg(feature = "account-api")]
            kept: Kept::default(),
            tls: OnceLock::new(),
        }
    }

    pub(super) async fn get(&self, url: &Url) -> Result<Answer, KeyError> {
        self.complete(send(self.client(url)?.get(url.clone())).await?).await
    }

    /// As [`get`](Self::get), on behalf of a user. The address must be one that a token may be sent to: it is below an
    /// issuer that was configured.
    #[cfg(feature = "account-api")]
    pub(crate) async fn get_as(&self, address: &str, token: &str) -> Result<Answer, Refused> {
        let url = address::own(address)?;
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| KeyError::InvalidUrl)?;
        bearer.set_sensitive(true);
        let response = send(self.kept_client(&url)?.get(url).header(AUTHORIZATION, bearer)).await?;
        let retry_after = response.headers().get(RETRY_AFTER).cloned();
        self.complete(response).await.map_err(|error| Refused { error, retry_after })
    }

    async fn complete(&self, response: Response) -> Result<Answer, KeyError> {
        check_status(response.status())?;
        let max_age = cache_control::max_age(response.headers());
        let body = self.body(response).await?;
        Ok(Answer { body, max_age })
    }

    /// Reads the body as it comes: what it says of its own length is not believed.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, KeyError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len().saturating_add(chunk.len()) > self.limits.bytes {
                return Err(KeyError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Makes a client for one request, which keeps no connection.
    fn client(&self, url: &Url) -> Result<reqwest::Client, KeyError> {
        build(self.builder(url)?.pool_max_idle_per_host(0))
    }

    /// Returns the client that holds the connections of the current runtime.
    #[cfg(feature = "account-api")]
    fn kept_client(&self, url: &Url) -> Result<reqwest::Client, KeyError> {
        let runtime = Handle::try_current().map_err(|_| KeyError::Stopped)?.id();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = kept.as_ref().filter(|(id, _)| *id == runtime) {
            return Ok(client.clone());
        }
        let client = build(self.builder(url)?.pool_idle_timeout(MAX_IDLE))?;
        *kept = Some((runtime, client.clone()));
        Ok(client)
    }

    fn builder(&self, url: &Url) -> Result<ClientBuilder, KeyError> {
        let builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .connect_timeout(self.limits.connect)
            .timeout(self.limits.total)
            .tls_backend_preconfigured(self.tls(url)?);
        Ok(direct_if_local(builder, url))
    }

    fn tls(&self, url: &Url) -> Result<ClientConfig, KeyError> {
        if url.scheme() == "http" {
            return without_trust().map_err(|error| KeyError::Tls(error.to_string()));
        }
        if let Some(config) = self.tls.get() {
            return Ok(config.clone());
        }
        let config = with_system_trust().map_err(|error| KeyError::Tls(error.to_string()))?;
        Ok(self.tls.get_or_init(|| config).clone())
    }
}

async fn send(request: RequestBuilder) -> Result<Response, KeyError> {
    request.header(ACCEPT, "application/json").send().await.map_err(failure)
}

fn build(builder: ClientBuilder) -> Result<reqwest::Client, KeyError> {
    builder.build().map_err(|error| KeyError::Tls(reason(error)))
}

fn direct_if_local(builder: ClientBuilder, url: &Url) -> ClientBuilder {
    if address::is_loopback(url) { builder.no_proxy() } else { builder }
}

/// Makes a configuration that trusts what the operating system trusts.
///
/// The provider is named: the process-wide default may be missing, or another's.
fn with_system_trust() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}

/// Makes a configuration that trusts nobody, for requests in the clear: no certificates need to be installed.
fn without_trust() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn check_status(status: StatusCode) -> Result<(), KeyError> {
    if status == StatusCode::OK {
        Ok(())
    } else if status.is_redirection() {
        Err(KeyError::Redirected)
    } else {
        Err(KeyError::Status(status.as_u16()))
    }
}

fn failure(error: reqwest::Error) -> KeyError {
    if error.is_timeout() { KeyError::TimedOut } else { KeyError::Connection(reason(error)) }
}

/// Returns what lies at the bottom of an error: "connection refused", not "error sending request for url".
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(deeper) = cause {
        text = deeper.to_string();
        cause = deeper.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_200_is_an_answer() {
        let check = |status: u16| check_status(StatusCode::from_u16(status).unwrap());
        assert_eq!(check(200), Ok(()));
        for status in [300, 301, 302, 303, 304, 307, 308] {
            assert_eq!(check(status), Err(KeyError::Redirected));
        }
        for status in [204, 206, 400, 404, 500, 503] {
            assert_eq!(check(status), Err(KeyError::Status(status)));
        }
    }

    #[test]
    fn clients_are_made_without_a_process_wide_provider() {
        let client = Client::new(Limits::default());
        assert!(client.client(&Url::parse("http://localhost:1").unwrap()).is_ok());
        assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    }
}

//! A GET request with limits of time and size.

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

/// The limits of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    /// The time from the start of the connection to the last byte of the body.
    pub(super) total: Duration,
    /// The length of the body.
    pub(super) bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), total: Duration::from_secs(5), bytes: MAX_BYTES }
    }
}

/// A complete response with status 200.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub(crate) body: Vec<u8>,
    pub(super) max_age: Option<Duration>,
}

/// A request that failed.
#[cfg(feature = "account-api")]
#[derive(Debug)]
pub(crate) struct FailedRequest {
    pub(crate) error: KeyError,
    /// The first `Retry-After` of the response, if there was a response.
    pub(crate) retry_after: Option<HeaderValue>,
}

#[cfg(feature = "account-api")]
impl From<KeyError> for FailedRequest {
    fn from(error: KeyError) -> Self {
        Self { error, retry_after: None }
    }
}

/// Opens a connection for each [`get`](Self::get), and reuses those of [`get_as_user`](Self::get_as_user).
///
/// Requests for keys are minutes apart. A connection kept that long would be closed by the server, and would belong to a
/// runtime that may be gone; TLS sessions are resumed instead. Requests to the Account API follow each other closely.
#[derive(Debug)]
pub(crate) struct HttpClient {
    limits: Limits,
    #[cfg(feature = "account-api")]
    kept: Kept,
    /// Created by the first request over TLS, because that reads the system's certificates.
    tls: OnceLock<ClientConfig>,
}

#[cfg(feature = "account-api")]
impl Default for HttpClient {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// The client whose connections are reused, all to one host. Connections are tasks of one runtime, so each runtime needs a
/// client of its own.
#[cfg(feature = "account-api")]
type Kept = Mutex<Option<(runtime::Id, reqwest::Client)>>;

/// The time after which an unused connection is closed: less than the usual limit of servers, so that a server does not
/// close the connection during a request.
#[cfg(feature = "account-api")]
const MAX_IDLE: Duration = Duration::from_secs(30);

impl HttpClient {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            #[cfg(feature = "account-api")]
            kept: Kept::default(),
            tls: OnceLock::new(),
        }
    }

    pub(super) async fn get(&self, url: &Url) -> Result<HttpAnswer, KeyError> {
        self.complete(send(self.client(url)?.get(url.clone())).await?).await
    }

    /// Like [`get`](Self::get), with a user's token. The address must be below the configured issuer, because the token is
    /// sent to it.
    #[cfg(feature = "account-api")]
    pub(crate) async fn get_as_user(&self, address: &str, token: &str) -> Result<HttpAnswer, FailedRequest> {
        let url = address::own(address)?;
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| KeyError::InvalidUrl)?;
        bearer.set_sensitive(true);
        let response = send(self.kept_client(&url)?.get(url).header(AUTHORIZATION, bearer)).await?;
        let retry_after = response.headers().get(RETRY_AFTER).cloned();
        self.complete(response).await.map_err(|error| FailedRequest { error, retry_after })
    }

    async fn complete(&self, response: Response) -> Result<HttpAnswer, KeyError> {
        check_status(response.status())?;
        let max_age = cache_control::max_age(response.headers());
        let body = self.body(response).await?;
        Ok(HttpAnswer { body, max_age })
    }

    /// Reads the body chunk by chunk up to the limit. Its `Content-Length` is not trusted.
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

    /// Creates a client for one request, which keeps no connection.
    fn client(&self, url: &Url) -> Result<reqwest::Client, KeyError> {
        build(self.builder(url)?.pool_max_idle_per_host(0))
    }

    /// Returns the client whose connections belong to the current runtime.
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

/// Creates a configuration that trusts the certificates of the operating system.
///
/// The provider is passed explicitly: the process may have no default, or another one.
fn with_system_trust() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}

/// Creates a configuration without certificates, for plain http: none need to be installed.
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

/// Returns the message of the innermost cause: "connection refused", not "error sending request for url".
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
    fn only_status_200_is_accepted() {
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
        let client = HttpClient::new(Limits::default());
        assert!(client.client(&Url::parse("http://localhost:1").unwrap()).is_ok());
        assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    }
}

//! The front end: its built files, and `/config.json`, which they read before sign-in.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use kinde_perms::{Validator, public};
use serde::Serialize;
use tower_http::services::fs::ServeFileSystemResponseBody;
use tower_http::services::{ServeDir, ServeFile};

use crate::error::ApiError;

/// The names of the files contain a hash of their content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

const NOT_BUILT: &str = include_str!("not_built.html");

/// The front end's files, and where it sends people to sign in. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Web {
    root: Arc<Path>,
    policy: HeaderValue,
    config: Option<Arc<SignIn>>,
    origin: Option<Arc<str>>,
}

/// The settings that the front end needs for sign-in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SignIn {
    domain: String,
    client_id: String,
    /// One identifier, or several separated by spaces.
    audience: String,
}

impl Web {
    /// Serves the files below `root`; there may be none.
    ///
    /// People sign in at the validator's issuer, to the application `client_id`. Without one, the front end must have
    /// been built with settings of its own.
    #[must_use]
    pub fn new(root: &Path, validator: &Validator, client_id: Option<String>) -> Self {
        let domain = validator.issuer().trim_end_matches('/').to_owned();
        let policy = policy(&domain);
        let audience = validator.audiences().join(" ");
        let config = client_id.map(|client_id| Arc::new(SignIn { domain, client_id, audience }));
        Self { root: root.into(), policy, config, origin: None }
    }

    /// Redirects page requests at `localhost` to this address: the issuer at the same host sets cookies, which a page at
    /// another host would not get.
    #[must_use]
    pub fn beside_its_issuer(mut self, addr: SocketAddr) -> Self {
        self.origin = Some(format!("http://{addr}").into());
        self
    }

    /// Whether the front end was built.
    #[must_use]
    pub fn is_built(&self) -> bool {
        self.index().is_file()
    }

    fn index(&self) -> PathBuf {
        self.root.join("index.html")
    }

    /// Where the page is to be asked for in place of `localhost`.
    fn elsewhere(&self, request: &Request) -> Option<String> {
        let host = request.headers().get(HOST)?.to_str().ok()?;
        let origin = self.origin.as_deref().filter(|_| host.split(':').next() == Some("localhost"))?;
        Some(format!("{origin}{}", request.uri()))
    }
}

/// The page of every path that the front end knows; it reads the path itself.
#[public(reason = "the front end is where people sign in; what it shows comes from the API")]
pub(crate) async fn page(State(web): State<Web>, request: Request) -> Result<Response, ApiError> {
    if let Some(url) = web.elsewhere(&request) {
        return Ok(Redirect::temporary(&url).into_response());
    }
    if request.uri().path() == "/" && !web.is_built() {
        return Ok(Html(NOT_BUILT).into_response());
    }
    let mut response = found(ServeFile::new(web.index()).try_call(request).await)?;
    let headers = [
        (CACHE_CONTROL, ASK_EACH_TIME),
        (CONTENT_SECURITY_POLICY, web.policy),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    response.headers_mut().extend(headers);
    Ok(response)
}

/// The scripts and the styles of the front end.
#[public(reason = "the front end is where people sign in; what it shows comes from the API")]
pub(crate) async fn asset(State(web): State<Web>, request: Request) -> Result<Response, ApiError> {
    let mut files = ServeDir::new(&web.root).append_index_html_on_directories(false);
    let mut response = found(files.try_call(request).await)?;
    response.headers_mut().insert(CACHE_CONTROL, FOREVER);
    Ok(response)
}

/// Where to sign in.
#[public(reason = "the front end reads it before anyone has signed in, and it names no secret")]
pub(crate) async fn config(State(web): State<Web>) -> Result<Response, ApiError> {
    let config = web.config.ok_or(ApiError::UnknownPath)?;
    Ok(([(CACHE_CONTROL, ASK_EACH_TIME)], Json(&*config)).into_response())
}

/// That there is no such file can be an answer and an error.
fn found(served: io::Result<Response<ServeFileSystemResponseBody>>) -> Result<Response, ApiError> {
    let mut response = served.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
            ApiError::UnknownPath
        }
        _ => ApiError::File(error),
    })?;
    if response.status() == StatusCode::NOT_FOUND {
        return Err(ApiError::UnknownPath);
    }
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response.map(Body::new))
}

/// The page runs its own scripts and nothing else, and talks to its own server and the issuer only.
fn policy(issuer: &str) -> HeaderValue {
    // Sources know no IPv6 addresses (CSP Level 3 §2.3.1); such an issuer is allowed by its scheme.
    let issuer = match issuer.split_once("://") {
        Some(("http", host)) if host.starts_with('[') => "http:",
        Some(("https", host)) if host.starts_with('[') => "https:",
        _ => issuer,
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
         connect-src 'self' {issuer}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // An issuer that was connected to is a URL, which a header can carry.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

#[cfg(test)]
mod tests {
    use super::policy;

    #[test]
    fn the_page_may_talk_to_its_issuer() {
        for (issuer, source) in [
            ("https://acme.kinde.com", "connect-src 'self' https://acme.kinde.com;"),
            ("http://127.0.0.1:4070", "connect-src 'self' http://127.0.0.1:4070;"),
            ("http://[::1]:4070", "connect-src 'self' http:;"),
        ] {
            assert!(policy(issuer).to_str().unwrap().contains(source), "{issuer}");
        }
    }
}

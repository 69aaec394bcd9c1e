//! Helpers of the tests: send a request through a router and read the whole answer.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A whole answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns a header's text; empty if it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Returns the body as JSON; null if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Sends a request through a router, without a socket.
pub async fn send(app: &Router, request: Request<Body>) -> Answer {
    let Ok(response) = app.clone().oneshot(request).await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// Returns a GET request, with a bearer token if one is given.
///
/// # Panics
/// If the path or the token cannot be part of a request.
#[must_use]
#[expect(clippy::expect_used, reason = "a test with a malformed request is a broken test")]
pub fn get(path: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::empty()).expect("a well-formed request")
}

/// Chapters of the manual whose blocks use the test kit, which the library does not depend on.
#[cfg(doctest)]
mod manual {
    #[doc = include_str!("../../kinde-perms/docs/access-matrix.md")]
    mod access_matrix {}

    #[doc = include_str!("../../kinde-perms/docs/testing.md")]
    mod testing {}
}

//! The response of a refusal: RFC 6750's challenge and an RFC 9457 problem.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response};
use serde::Serialize;

use crate::policy::Denied;
use crate::rejection::{Reason, Rejection};
use crate::token::TokenError;

/// Builds the response: the configured replacement, or the default.
pub(crate) fn build(rejection: &Rejection) -> Response<Bytes> {
    // The replacement gets a rejection without responder: its `to_response` returns the default and cannot recurse.
    let responder = rejection.response_settings().responder.as_ref();
    let replaced = responder.and_then(|respond| respond(&rejection.without_responder()));
    replaced.unwrap_or_else(|| default(rejection))
}

/// Builds the documented response.
fn default(rejection: &Rejection) -> Response<Bytes> {
    let mut response = Response::new(body(rejection));
    *response.status_mut() = rejection.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(challenge) = challenge(rejection) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(retry_after) = rejection.reason().retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(retry_after)));
    }
    response
}

/// Rounds up, so that a client that waits exactly this long is not too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

const INSUFFICIENT_SCOPE: &str = "Bearer error=\"insufficient_scope\"";

/// The challenge of RFC 6750 §3; a request without credentials gets no error code (§3.1).
fn challenge(rejection: &Rejection) -> Option<HeaderValue> {
    match rejection.reason() {
        Reason::NoCredentials => Some(HeaderValue::from_static("Bearer")),
        Reason::InvalidRequest => Some(HeaderValue::from_static("Bearer error=\"invalid_request\"")),
        Reason::Token(_) => Some(HeaderValue::from_static("Bearer error=\"invalid_token\"")),
        Reason::Denied(denied) => Some(insufficient_scope(denied, rejection.response_settings().hide_scope)),
        Reason::CheckDenied { .. } => Some(HeaderValue::from_static(INSUFFICIENT_SCOPE)),
        Reason::CheckNotFound { .. }
        | Reason::CheckFailed { .. }
        | Reason::CheckRejected { .. }
        | Reason::Keys { .. } => None,
        #[cfg(feature = "account-api")]
        Reason::Live(_) => None,
    }
}

/// Keys are scope tokens (RFC 6749 §3.3): neither a quote nor a backslash can be among their characters.
fn insufficient_scope(denied: &Denied, hide_scope: bool) -> HeaderValue {
    let missing: Vec<&str> = if hide_scope { Vec::new() } else { denied.missing_scopes().collect() };
    if missing.is_empty() {
        return HeaderValue::from_static(INSUFFICIENT_SCOPE);
    }
    HeaderValue::try_from(format!("{INSUFFICIENT_SCOPE}, scope=\"{}\"", missing.join(" ")))
        .unwrap_or(HeaderValue::from_static(INSUFFICIENT_SCOPE))
}

/// The members of the body, in the order they are written.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'static str,
    error: &'static str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a Denied>,
}

fn body(rejection: &Rejection) -> Bytes {
    let status = rejection.status();
    let missing = match rejection.reason() {
        Reason::Denied(denied) if !rejection.response_settings().hide_missing => Some(denied),
        _ => None,
    };
    let (error, detail) = texts(rejection.reason());
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        error,
        code: rejection.code(),
        missing,
    };
    serde_json::to_vec(&problem).map(Bytes::from).unwrap_or_default()
}

/// Returns the `error` of Kinde's guide and a sentence. Both are fixed texts, which reflect nothing of the request.
fn texts(reason: &Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::NoCredentials => ("Missing bearer token", "The request carries no bearer token."),
        Reason::InvalidRequest => {
            ("Invalid request", "The Authorization header must hold exactly one bearer token.")
        }
        Reason::Token(TokenError::WrongAudience) => {
            ("Invalid audience", "The access token was issued for another API.")
        }
        Reason::Token(TokenError::Expired) => ("Invalid token", "The access token has expired."),
        Reason::Token(_) => ("Invalid token", "The access token is not valid for this API."),
        Reason::Denied(_) => ("Forbidden", "The access token does not grant what this request needs."),
        Reason::CheckDenied { .. } => {
            ("Forbidden", "The access token does not grant this for this resource.")
        }
        Reason::CheckNotFound { .. } => ("Not found", "There is no such resource."),
        // The extractor's own response is sent in place of this one.
        Reason::CheckRejected { .. } => ("Request rejected", "The request cannot be checked as it is."),
        Reason::CheckFailed { .. } => {
            ("Token validation failed", "Whether this is allowed cannot be told right now; try again later.")
        }
        Reason::Keys { .. } => {
            ("Token validation failed", "The access token cannot be checked right now; try again later.")
        }
        #[cfg(feature = "account-api")]
        Reason::Live(_) => (
            "Token validation failed",
            "What Kinde says about this account cannot be had right now; try again later.",
        ),
    }
}

//! Builds replies, and reads request headers.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, PRAGMA, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

/// An answer before the fault is applied.
pub(crate) type Reply = Response<String>;

/// Creates a JSON reply.
pub(crate) fn json(status: StatusCode, body: &Value) -> Reply {
    of_type(status, "application/json", body.to_string())
}

/// Creates a JSON reply that must not be cached (RFC 6749 §5.1).
pub(super) fn secret_json(status: StatusCode, body: &Value) -> Reply {
    uncached(json(status, body))
}

pub(crate) fn of_type(status: StatusCode, content_type: &'static str, body: String) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

pub(crate) fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(String::new());
    *reply.status_mut() = status;
    reply
}

/// Redirects the browser to `location` with GET, regardless of the request's method.
pub(super) fn redirect(location: &str) -> Reply {
    match HeaderValue::try_from(location) {
        Ok(location) => {
            let mut reply = uncached(empty(StatusCode::SEE_OTHER));
            reply.headers_mut().insert(LOCATION, location);
            reply
        }
        Err(_) => empty(StatusCode::BAD_REQUEST),
    }
}

pub(super) fn uncached(mut reply: Reply) -> Reply {
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    reply
}

/// Adds a `Set-Cookie` header; `cookie` comes from this crate and is a valid value.
pub(super) fn with_cookie(mut reply: Reply, cookie: &str) -> Reply {
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        reply.headers_mut().append(SET_COOKIE, cookie);
    }
    reply
}

/// Returns the value of a header that occurs exactly once.
pub(super) fn single<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Returns `true` if the request's `Content-Type` is `media_type`, regardless of parameters (RFC 9110 §8.3.1).
pub(super) fn is_of_type(headers: &HeaderMap, media_type: &str) -> bool {
    let content_type = single(headers, &CONTENT_TYPE).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
}

/// Reads a cookie (RFC 6265 §4.2).
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

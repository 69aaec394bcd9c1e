//! The cookies of an issuer: the session, and the refresh token of pages that leave it to the browser.

use axum::http::HeaderMap;

use super::store::REFRESH_LIFE;
use crate::reply::{self, Reply};

/// The cookie by which Kinde's SDK knows that there is a refresh token.
const REFRESH_MARK: &str = "_kbrte";

/// Cookies ignore ports, so the name contains the port.
fn session_name(port: u16) -> String {
    format!("kinde_perms_session_{port}")
}

/// Contains the port, so that two issuers on one machine do not overwrite each other's cookie.
fn refresh_name(port: u16) -> String {
    format!("refresh_token_{port}")
}

/// Returns the refresh token that the browser keeps, out of the reach of scripts.
pub(super) fn refresh_token(headers: &HeaderMap, port: u16) -> Option<&str> {
    reply::cookie(headers, &refresh_name(port))
}

pub(super) fn session(headers: &HeaderMap, port: u16) -> Option<&str> {
    reply::cookie(headers, &session_name(port))
}

pub(super) fn set_session(port: u16, secret: &str) -> String {
    format!("{}={secret}; Path=/; HttpOnly; SameSite=Lax", session_name(port))
}

/// Sets the cookies of a refresh token.
pub(super) fn with_refresh_token(reply: Reply, port: u16, token: &str) -> Reply {
    let (name, life) = (refresh_name(port), REFRESH_LIFE.as_secs());
    let reply = reply::with_cookie(
        reply,
        &format!("{name}={token}; Path=/oauth2/token; Max-Age={life}; HttpOnly; SameSite=Lax"),
    );
    reply::with_cookie(reply, &format!("{REFRESH_MARK}=1; Path=/; Max-Age={life}; SameSite=Lax"))
}

/// Deletes the cookies of the refresh token.
pub(super) fn without_refresh_token(reply: Reply, port: u16) -> Reply {
    let name = refresh_name(port);
    let reply =
        reply::with_cookie(reply, &format!("{name}=; Path=/oauth2/token; Max-Age=0; HttpOnly; SameSite=Lax"));
    reply::with_cookie(reply, &format!("{REFRESH_MARK}=; Path=/; Max-Age=0; SameSite=Lax"))
}

/// Deletes every cookie.
pub(super) fn cleared(reply: Reply, port: u16) -> Reply {
    let session = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", session_name(port));
    without_refresh_token(reply::with_cookie(reply, &session), port)
}

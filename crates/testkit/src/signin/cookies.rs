//! The cookies of an issuer: who is signed in, and the refresh token of pages that keep none themselves.

use axum::http::HeaderMap;

use super::store::REFRESH_LIFE;
use crate::reply::{self, Reply};

/// What Kinde's SDK looks for to know that there is a refresh token.
const REFRESH_MARK: &str = "_kbrte";

/// Cookies do not tell ports apart, so the name does.
fn session_name(port: u16) -> String {
    format!("kinde_perms_session_{port}")
}

/// Likewise: two issuers on one machine must not overwrite each other's.
fn refresh_name(port: u16) -> String {
    format!("refresh_token_{port}")
}

/// The refresh token that the browser keeps, out of the reach of scripts.
pub(super) fn refresh_token(headers: &HeaderMap, port: u16) -> Option<&str> {
    reply::cookie(headers, &refresh_name(port))
}

pub(super) fn session(headers: &HeaderMap, port: u16) -> Option<&str> {
    reply::cookie(headers, &session_name(port))
}

pub(super) fn set_session(port: u16, secret: &str) -> String {
    format!("{}={secret}; Path=/; HttpOnly; SameSite=Lax", session_name(port))
}

/// Gives the browser a refresh token to keep.
pub(super) fn with_refresh_token(reply: Reply, port: u16, token: &str) -> Reply {
    let (name, life) = (refresh_name(port), REFRESH_LIFE.as_secs());
    let reply = reply::with_cookie(
        reply,
        &format!("{name}={token}; Path=/oauth2/token; Max-Age={life}; HttpOnly; SameSite=Lax"),
    );
    reply::with_cookie(reply, &format!("{REFRESH_MARK}=1; Path=/; Max-Age={life}; SameSite=Lax"))
}

/// Takes the cookies about refresh tokens back.
pub(super) fn without_refresh_token(reply: Reply, port: u16) -> Reply {
    let name = refresh_name(port);
    let reply =
        reply::with_cookie(reply, &format!("{name}=; Path=/oauth2/token; Max-Age=0; HttpOnly; SameSite=Lax"));
    reply::with_cookie(reply, &format!("{REFRESH_MARK}=; Path=/; Max-Age=0; SameSite=Lax"))
}

/// Takes every cookie back.
pub(super) fn cleared(reply: Reply, port: u16) -> Reply {
    let session = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", session_name(port));
    without_refresh_token(reply::with_cookie(reply, &session), port)
}

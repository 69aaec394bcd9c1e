//! The cookies of an issuer: who is signed in, and the refresh token of pages that keep none themselves.

use axum::http::HeaderMap;

use super::reply::{self, Reply};
use super::store::REFRESH_LIFE;

/// The refresh token, out of the reach of scripts.
pub(super) const REFRESH: &str = "refresh_token";

/// What Kinde's SDK looks for to know that there is one.
const REFRESH_MARK: &str = "_kbrte";

/// Cookies do not tell ports apart, so the name does.
fn session_name(port: u16) -> String {
    format!("kinde_perms_session_{port}")
}

pub(super) fn session(headers: &HeaderMap, port: u16) -> Option<&str> {
    reply::cookie(headers, &session_name(port))
}

pub(super) fn set_session(port: u16, secret: &str) -> String {
    format!("{}={secret}; Path=/; HttpOnly; SameSite=Lax", session_name(port))
}

/// Gives the browser a refresh token to keep.
pub(super) fn with_refresh_token(reply: Reply, token: &str) -> Reply {
    let life = REFRESH_LIFE.as_secs();
    let reply = reply::with_cookie(
        reply,
        &format!("{REFRESH}={token}; Path=/oauth2/token; Max-Age={life}; HttpOnly; SameSite=Lax"),
    );
    reply::with_cookie(reply, &format!("{REFRESH_MARK}=1; Path=/; Max-Age={life}; SameSite=Lax"))
}

/// Takes the cookies about refresh tokens back.
pub(super) fn without_refresh_token(reply: Reply) -> Reply {
    let reply = reply::with_cookie(
        reply,
        &format!("{REFRESH}=; Path=/oauth2/token; Max-Age=0; HttpOnly; SameSite=Lax"),
    );
    reply::with_cookie(reply, &format!("{REFRESH_MARK}=; Path=/; Max-Age=0; SameSite=Lax"))
}

/// Takes every cookie back.
pub(super) fn cleared(reply: Reply, port: u16) -> Reply {
    let session = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", session_name(port));
    without_refresh_token(reply::with_cookie(reply, &session))
}

//! The credentials of a request: its client (RFC 6749 §2.3) and its access token (RFC 6750 §2.1).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::form::Form;
use super::refusal::{Refusal, invalid_client, invalid_request};
use crate::client::Client;
use crate::client::Clients;
use crate::reply::single;

/// Returns the client of the request, after checking the secret of a confidential client.
pub(super) fn client<'c>(
    clients: &'c Clients,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'c Client, Refusal> {
    match basic(headers)? {
        Some((id, secret)) => {
            if form.get("client_secret").is_some() || form.get("client_id").is_some_and(|other| other != id) {
                return Err(invalid_request("the client shows its credentials twice"));
            }
            authenticate(clients, &id, Some(&secret)).map_err(Refusal::with_challenge)
        }
        None => authenticate(clients, form.need("client_id")?, form.get("client_secret")),
    }
}

fn authenticate<'c>(clients: &'c Clients, id: &str, secret: Option<&str>) -> Result<&'c Client, Refusal> {
    let client = clients.find(id).ok_or_else(|| invalid_client("the client is not registered"))?;
    match secret {
        None if client.is_public() => Ok(client),
        Some(secret) if client.has_secret(secret) => Ok(client),
        Some(_) if client.is_public() => Err(invalid_client("the client has no secret")),
        Some(_) => Err(invalid_client("the secret is wrong")),
        None => Err(invalid_client("`client_secret` is missing")),
    }
}

/// Reads `Authorization: Basic`, whose parts are encoded as in a form (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    if !headers.contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    let malformed =
        || invalid_client("`Authorization` must be one `Basic`, with id and secret").with_challenge();
    let (scheme, credentials) =
        single(headers, &AUTHORIZATION).and_then(|value| value.split_once(' ')).ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let decoded = STANDARD.decode(credentials.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) =
        decoded.as_deref().and_then(|decoded| decoded.split_once(':')).ok_or_else(malformed)?;
    Ok(Some((form_decoded(id), form_decoded(secret))))
}

fn form_decoded(text: &str) -> String {
    let pair = format!("text={}", text.replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, text)| text.into_owned()).unwrap_or_default()
}

/// Reads `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = single(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

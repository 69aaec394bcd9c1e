//! `/oauth2/token`: codes, refresh tokens and the credentials of machines become access tokens.

use std::collections::BTreeSet;

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::bounded::Key;
use super::cookies;
use super::credentials::client;
use super::form::{self, Form};
use super::mint::{Access, Mint};
use super::refusal::{Refusal, invalid_grant, invalid_request};
use super::sign_in::SignIn;
use super::store::{Granted, Issued};
use crate::client::Client;
use crate::ids;
use crate::reply::{self, Reply, single};
use crate::settings::Settings;

/// Where the refresh token is kept, as far as the request shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeper {
    /// The application itself.
    Client,
    /// The page or the browser's cookies. The request does not show which, so the answer serves both.
    Either,
    /// The browser's cookies alone.
    Browser,
}

/// Answers `POST /oauth2/token`.
pub(crate) fn answer(issuer: &SignIn, settings: &Settings, headers: &HeaderMap, body: &[u8]) -> Reply {
    exchange(issuer, settings, headers, body).unwrap_or_else(|refusal| refusal.reply())
}

fn exchange(
    issuer: &SignIn,
    settings: &Settings,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Reply, Refusal> {
    let form = Form::of_body(headers, body)?;
    let client = client(&issuer.clients, headers, &form)?;
    // Cookies count only for pages of the client, because every page on this machine could send them.
    let own_page = single(headers, &ORIGIN).is_some_and(|origin| client.allows_origin(origin));
    match form.need("grant_type")? {
        "authorization_code" => {
            let shown = (client.id(), form.need("redirect_uri")?, form.get("code_verifier"));
            let granted = issuer.store().redeem(issuer.now(), form.need("code")?, shown, &ids::secret())?;
            let keeper = if own_page { Keeper::Either } else { Keeper::Client };
            tokens(issuer, settings, &granted, keeper)
        }
        "refresh_token" => refresh(issuer, settings, client, &form, own_page.then_some(headers)),
        "client_credentials" => machine(issuer, settings, client, &form),
        _ => Err(Refusal::new(
            "unsupported_grant_type",
            "`grant_type` must be authorization_code, refresh_token or client_credentials",
        )),
    }
}

fn refresh(
    issuer: &SignIn,
    settings: &Settings,
    client: &Client,
    form: &Form,
    page: Option<&HeaderMap>,
) -> Result<Reply, Refusal> {
    let (sent, kept) =
        (form.get("refresh_token"), page.and_then(|headers| cookies::refresh_token(headers, issuer.port)));
    // The SDK sometimes sends both, and the one in its memory may be the older one.
    let shown: Vec<_> = sent.into_iter().chain(kept).collect();
    if shown.is_empty() {
        return Err(invalid_request("`refresh_token` is missing"));
    }
    let keeper = match (sent, page) {
        (_, None) => Keeper::Client,
        (Some(_), Some(_)) => Keeper::Either,
        (None, Some(_)) => Keeper::Browser,
    };
    let granted = issuer.store().refresh(issuer.now(), (client.id(), &shown), asked_scopes(form));
    let granted = match granted {
        Ok(granted) => granted,
        // The browser would send a dead token forever, so its cookies are deleted.
        Err(refusal) if keeper == Keeper::Browser => {
            return Ok(cookies::without_refresh_token(refusal.reply(), issuer.port));
        }
        Err(refusal) => return Err(refusal),
    };
    tokens(issuer, settings, &granted, keeper)
}

fn asked_scopes(form: &Form) -> BTreeSet<String> {
    form.words("scope").map(str::to_owned).collect()
}

fn tokens(issuer: &SignIn, settings: &Settings, granted: &Granted, keeper: Keeper) -> Result<Reply, Refusal> {
    let grant = &granted.grant;
    let person = settings.person(&grant.session.person).ok_or_else(|| invalid_grant("the person is gone"))?;
    let mint = Mint::of(settings, &issuer.clock);
    let access = mint.access_token(grant, person);
    let mut body = describe(&access, &grant.scopes);
    if grant.scopes.contains("openid") {
        body.insert("id_token".to_owned(), json!(mint.id_token(grant, person, &access.token)));
    }
    let record = Issued {
        grant: Some(Key::of(&granted.id)),
        client: grant.client.clone(),
        person: Some(grant.session.person.clone()),
        scopes: grant.scopes.clone(),
        audiences: grant.audiences.clone(),
        from: access.from,
        until: access.until,
    };
    issuer.store().record(issuer.now(), &access.token, record);
    Ok(with_refresh_token(body, granted.refresh_token.as_deref(), keeper, issuer.port))
}

fn with_refresh_token(mut body: Map<String, Value>, token: Option<&str>, keeper: Keeper, port: u16) -> Reply {
    if let Some(token) = token.filter(|_| keeper != Keeper::Browser) {
        body.insert("refresh_token".to_owned(), json!(token));
    }
    let reply = reply::secret_json(StatusCode::OK, &body.into());
    match token {
        Some(token) if keeper != Keeper::Client => cookies::with_refresh_token(reply, port, token),
        _ => reply,
    }
}

fn machine(issuer: &SignIn, settings: &Settings, client: &Client, form: &Form) -> Result<Reply, Refusal> {
    if client.is_public() {
        return Err(Refusal::new(
            "unauthorized_client",
            "a client without a secret has no tokens of its own",
        ));
    }
    let (own, asked) = (client.scopes().iter().cloned().collect(), asked_scopes(form));
    if !asked.is_subset(&own) {
        return Err(Refusal::new("invalid_scope", "`scope` names more than the client is registered for"));
    }
    let scopes = if asked.is_empty() { own } else { asked };
    let audiences = form.audiences(&[&issuer.audience, &issuer.management_audience()])?;
    let access = Mint::of(settings, &issuer.clock).machine_token(client, &audiences, &scopes);
    let body = describe(&access, &scopes);
    let record = Issued {
        grant: None,
        client: client.id().to_owned(),
        person: None,
        scopes,
        audiences,
        from: access.from,
        until: access.until,
    };
    issuer.store().record(issuer.now(), &access.token, record);
    Ok(reply::secret_json(StatusCode::OK, &body.into()))
}

fn describe(access: &Access, scopes: &BTreeSet<String>) -> Map<String, Value> {
    let scope = form::words(scopes);
    let members = [
        ("access_token", json!(access.token)),
        ("expires_in", json!(access.life.as_secs())),
        ("scope", json!(scope)),
        ("token_type", json!("bearer")),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

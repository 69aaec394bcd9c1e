//! Sign-out, revocation, introspection and profile: `/logout`, `/oauth2/revoke`, `/oauth2/introspect`,
//! `/oauth2/v2/user_profile`.

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::credentials::{bearer, client};
use super::form::{self, Form};
use super::mint::profile;
use super::refusal::{Refusal, invalid_client};
use super::sign_in::SignIn;
use super::store::Issued;
use super::{cookies, pages};
use crate::reply::{self, Reply};
use crate::settings::Settings;

/// Answers `GET /logout?redirect=…`: signs the browser out, and redirects it if the address is registered.
pub(crate) fn logout(issuer: &SignIn, headers: &HeaderMap, query: &str) -> Reply {
    let form = Form::parse(query.as_bytes());
    if let Some(secret) = cookies::session(headers, issuer.port) {
        let everywhere = form.get("all_sessions") == Some("true");
        issuer.store().sign_out(issuer.now(), secret, everywhere);
    }
    let reply = match form.get("redirect") {
        Some(to) if issuer.clients.allow_logout_to(to) => reply::redirect(to),
        Some(to) => {
            let text = format!(
                "You are signed out. The address to go on at, {to}, is not registered. Register it with \
                 Client::logout_uri, or start kinde-perms dev with --redirect-uri {to}"
            );
            pages::message(StatusCode::BAD_REQUEST, "Signed out", &text)
        }
        None => pages::message(StatusCode::OK, "Signed out", "You are signed out."),
    };
    cookies::cleared(reply, issuer.port)
}

/// Answers `POST /oauth2/revoke`. An unknown token is no error (RFC 7009 §2.2).
pub(crate) fn revoke(issuer: &SignIn, headers: &HeaderMap, body: &[u8]) -> Reply {
    let revoked = Form::of_body(headers, body).and_then(|form| {
        let client = client(&issuer.clients, headers, &form)?;
        issuer.store().revoke(issuer.now(), client.id(), form.need("token")?);
        Ok(())
    });
    match revoked {
        Ok(()) => reply::uncached(reply::empty(StatusCode::OK)),
        Err(refusal) => refusal.reply(),
    }
}

/// Answers `POST /oauth2/introspect` (RFC 7662) for clients with a secret and for bearers of a valid access token.
pub(crate) fn introspect(issuer: &SignIn, settings: &Settings, headers: &HeaderMap, body: &[u8]) -> Reply {
    let judged = Form::of_body(headers, body).and_then(|form| {
        may_introspect(issuer, headers, &form)?;
        Ok(issuer
            .issued(form.need("token")?)
            .map_or_else(|| json!({ "active": false }), |it| describe(&it, settings)))
    });
    match judged {
        Ok(answer) => reply::secret_json(StatusCode::OK, &answer),
        Err(refusal) => refusal.reply(),
    }
}

fn may_introspect(issuer: &SignIn, headers: &HeaderMap, form: &Form) -> Result<(), Refusal> {
    match bearer(headers) {
        Some(token) if issuer.issued(token).is_some() => Ok(()),
        Some(_) => Err(invalid_client("the access token in `Authorization` is not good")),
        None if client(&issuer.clients, headers, form)?.is_public() => {
            Err(invalid_client("a client without a secret may not ask about tokens"))
        }
        None => Ok(()),
    }
}

fn describe(issued: &Issued, settings: &Settings) -> Value {
    let person = issued.person.as_deref().and_then(|person| settings.person(person));
    let scope = form::words(&issued.scopes);
    let mut answer = json!({
        "active": true,
        "aud": issued.audiences,
        "client_id": issued.client,
        "exp": issued.until,
        "iat": issued.from,
        "iss": settings.url(),
        "scope": scope,
        "token_type": "bearer",
    });
    if let (Some(members), Some(person)) = (answer.as_object_mut(), person) {
        members.insert("sub".to_owned(), json!(person.sub()));
    }
    answer
}

/// Answers `GET /oauth2/v2/user_profile` for an access token with the scope `openid`.
pub(crate) fn user_profile(issuer: &SignIn, settings: &Settings, headers: &HeaderMap) -> Reply {
    let Some(token) = bearer(headers) else { return challenged(StatusCode::UNAUTHORIZED, "Bearer") };
    let record = issuer.issued(token);
    let person = record.as_ref().and_then(|record| settings.person(record.person.as_deref()?));
    let (Some(record), Some(person)) = (&record, person) else {
        return challenged(StatusCode::UNAUTHORIZED, "Bearer error=\"invalid_token\"");
    };
    if !record.scopes.contains("openid") {
        return challenged(StatusCode::FORBIDDEN, "Bearer error=\"insufficient_scope\", scope=\"openid\"");
    }
    let who = [("sub", json!(person.sub())), ("id", json!(person.sub()))];
    let claims = who.into_iter().chain(profile(person, &record.scopes));
    let body: Map<_, _> = claims.map(|(name, value)| (name.to_owned(), value)).collect();
    reply::secret_json(StatusCode::OK, &body.into())
}

fn challenged(status: StatusCode, challenge: &'static str) -> Reply {
    let mut reply = reply::uncached(reply::empty(status));
    reply.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    reply
}

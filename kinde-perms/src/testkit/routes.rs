//! The paths of an issuer, and the answers it gives, right or wrong.

use std::iter::repeat_n;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri};
use axum::routing::get;
use tokio::task::yield_now;

use super::account;
use super::body::{ScriptedBody, Step};
use super::state::{Settings, State};
use super::{Endpoint, Fault};

type Shared = extract::State<Arc<State>>;

/// Builds the issuer's routes; further endpoints of an authorisation server belong here.
pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/jwks", get(keys))
        .route("/.well-known/jwks.json", get(keys))
        .merge(account_api())
        .fallback(elsewhere)
        .with_state(state)
}

/// The Account API, whose answers depend on whose token is shown.
fn account_api() -> Router<Arc<State>> {
    let paths = [
        ("permissions", Endpoint::Permissions),
        ("permission/{key}", Endpoint::Permissions),
        ("roles", Endpoint::Roles),
        ("feature_flags", Endpoint::FeatureFlags),
        ("entitlements", Endpoint::Entitlements),
        ("entitlement/{key}", Endpoint::Entitlements),
    ];
    paths.into_iter().fold(Router::new(), |router, (path, endpoint)| {
        let handler = move |state: Shared, headers: HeaderMap, uri: Uri| async move {
            answer(&state, endpoint, |settings| account::document(settings, endpoint, &headers, &uri)).await
        };
        router.route(&format!("/account_api/v1/{path}"), get(handler))
    })
}

async fn discovery(state: Shared) -> Response<Body> {
    answer(&state, Endpoint::Discovery, |settings| Ok(settings.document(Endpoint::Discovery))).await
}

async fn keys(state: Shared) -> Response<Body> {
    answer(&state, Endpoint::Keys, |settings| Ok(settings.document(Endpoint::Keys))).await
}

async fn elsewhere(state: Shared) -> Response<Body> {
    answer(&state, Endpoint::Elsewhere, |_| Err(404)).await
}

/// Answers with the document, or the status in its place, unless a fault is set.
async fn answer(
    state: &State,
    endpoint: Endpoint,
    document: impl FnOnce(&Settings) -> Result<String, u16>,
) -> Response<Body> {
    state.count(endpoint);
    state.wait_while(endpoint, Fault::hangs).await;
    let settings = state.read(Settings::clone);
    let mut response = faulty(state, &settings, endpoint, document(&settings));
    if let Some(cache_control) = settings.cache_control {
        response.headers_mut().insert(CACHE_CONTROL, cache_control);
    }
    response
}

fn faulty(
    state: &State,
    settings: &Settings,
    endpoint: Endpoint,
    document: Result<String, u16>,
) -> Response<Body> {
    let (document, refused) = match document {
        Ok(document) => (document, None),
        Err(status) => (String::new(), Some(status)),
    };
    match settings.fault(endpoint) {
        // A request that is let go because the issuer ends finds its fault still set.
        Fault::None | Fault::Hang => refused.map_or_else(|| json(document), bare_status),
        Fault::Status(status) => bare_status(*status),
        Fault::Stall => stalled(state, endpoint, &document),
        Fault::Drop => scripted([Step::Break]),
        Fault::CutOff => cut_off(&document),
        Fault::Truncated => json(halves(&document).0.to_owned()),
        Fault::Html => html(),
        Fault::Body(body) => json(body.clone()),
        Fault::Huge(length) => json(padded(document, *length)),
        Fault::Endless => scripted([Step::send(&document), Step::Pad]),
        Fault::ManyKeys(decoys) => json(settings.key_set(*decoys)),
        Fault::EmptySet => json(r#"{"keys":[]}"#),
        Fault::Redirect(location) => redirect(location),
    }
}

fn stalled(state: &State, endpoint: Endpoint, document: &str) -> Response<Body> {
    let (begin, rest) = halves(document);
    let stall = state.wait_while(endpoint, Fault::stalls);
    scripted([Step::send(begin), Step::wait(stall), Step::send(rest)])
}

/// The wait gives the server the time to send what it has, which it would discard on a broken body.
fn cut_off(document: &str) -> Response<Body> {
    let response = scripted([Step::send(halves(document).0), Step::wait(yield_now()), Step::Break]);
    with_header(response, CONTENT_LENGTH, document.len().into())
}

fn padded(mut document: String, length: usize) -> String {
    let padding = length.saturating_sub(document.len());
    document.extend(repeat_n(' ', padding));
    document
}

fn scripted(steps: impl IntoIterator<Item = Step>) -> Response<Body> {
    json(Body::new(ScriptedBody::new(steps)))
}

fn html() -> Response<Body> {
    let page = Response::new("<!doctype html><title>Sign in to the network</title>".into());
    with_header(page, CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))
}

fn redirect(location: &str) -> Response<Body> {
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    with_header(bare(StatusCode::FOUND), LOCATION, location)
}

fn json(body: impl Into<Body>) -> Response<Body> {
    with_header(Response::new(body.into()), CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

fn bare_status(status: u16) -> Response<Body> {
    bare(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn with_header(mut response: Response<Body>, name: HeaderName, value: HeaderValue) -> Response<Body> {
    response.headers_mut().insert(name, value);
    response
}

/// Documents are ASCII, so that any cut is between characters.
fn halves(document: &str) -> (&str, &str) {
    document.split_at_checked(document.len() / 2).unwrap_or((document, ""))
}

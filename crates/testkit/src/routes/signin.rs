//! Routes for signing in, for the Management API and for `/dev`.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State as Extracted};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::task::spawn_blocking;

use super::dev;
use crate::answer::answer;
use crate::faults::Endpoint;
use crate::reply::{self, Reply};
use crate::signin::{authorize, cors, local, management, session, token};
use crate::state::State;

/// The largest request body; forms of applications are shorter.
const BODY_LIMIT: usize = 64 * 1024;

type Shared = Extracted<Arc<State>>;

/// Routes that pages of applications fetch.
pub(super) fn cors_routes(port: u16) -> Router<Arc<State>> {
    let routes = Router::new()
        .route("/oauth2/token", post(token))
        .route("/oauth2/revoke", post(revoke))
        .route("/oauth2/v2/user_profile", get(user_profile));
    only_local(routes, port)
}

/// Routes without CORS: the issuer's own pages, and endpoints that no page fetches.
pub(super) fn other_routes(port: u16) -> Router<Arc<State>> {
    let routes = Router::new()
        .route("/oauth2/auth", get(authorize))
        .route("/oauth2/auth/choose", post(choose))
        .route("/oauth2/introspect", post(introspect))
        .route("/logout", get(logout))
        .route("/api/v1/permissions", get(permissions))
        .route("/api/v1/roles", get(roles))
        .route("/api/v1/roles/{id}/permissions", get(role_permissions))
        .route("/dev", get(dev_page))
        .route("/dev/page.js", get(async || dev::script()))
        .route("/dev/state", get(dev_state))
        .route("/dev/control", post(dev_control));
    only_local(routes, port)
}

fn only_local(routes: Router<Arc<State>>, port: u16) -> Router<Arc<State>> {
    routes.layer(DefaultBodyLimit::max(BODY_LIMIT)).layer(from_fn_with_state(port, local::only))
}

/// Adds CORS to `routes`, for the pages of the registered clients.
pub(super) fn with_cors(routes: Router<Arc<State>>, state: &State) -> Router<Arc<State>> {
    match cors::layer(&state.signin.clients) {
        Some(layer) => routes.layer(layer),
        None => routes,
    }
}

async fn authorize(state: Shared, headers: HeaderMap, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    answer(&state, Endpoint::Authorize, |settings| authorize::begin(&state.signin, settings, &headers, query))
        .await
}

async fn choose(state: Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(&state, Endpoint::Authorize, |settings| {
        authorize::choose(&state.signin, settings, &headers, &body)
    })
    .await
}

async fn token(state: Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(&state, Endpoint::Token, |settings| token::answer(&state.signin, settings, &headers, &body)).await
}

async fn revoke(state: Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(&state, Endpoint::Revoke, |_| session::revoke(&state.signin, &headers, &body)).await
}

async fn introspect(state: Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let introspect = |settings: &_| session::introspect(&state.signin, settings, &headers, &body);
    answer(&state, Endpoint::Introspect, introspect).await
}

async fn user_profile(state: Shared, headers: HeaderMap) -> Response<Body> {
    let profile = |settings: &_| session::user_profile(&state.signin, settings, &headers);
    answer(&state, Endpoint::UserProfile, profile).await
}

async fn logout(state: Shared, headers: HeaderMap, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    answer(&state, Endpoint::Logout, |_| session::logout(&state.signin, &headers, query)).await
}

async fn permissions(state: Shared, headers: HeaderMap, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    let list = |settings: &_| management::permissions(&state.signin, settings, &headers, query);
    answer(&state, Endpoint::Management, list).await
}

async fn roles(state: Shared, headers: HeaderMap, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    let list = |settings: &_| management::roles(&state.signin, settings, &headers, query);
    answer(&state, Endpoint::Management, list).await
}

async fn role_permissions(
    state: Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response<Body> {
    let asked = (id.as_str(), uri.query().unwrap_or_default());
    let list = |settings: &_| management::role_permissions(&state.signin, settings, &headers, asked);
    answer(&state, Endpoint::Management, list).await
}

async fn dev_page(state: Shared) -> Reply {
    dev::page(&state)
}

async fn dev_state(state: Shared) -> Reply {
    dev::state(&state)
}

async fn dev_control(Extracted(state): Shared, headers: HeaderMap, body: Bytes) -> Reply {
    let done = spawn_blocking(move || dev::control(&state, &headers, &body)).await;
    done.unwrap_or_else(|_| reply::empty(StatusCode::INTERNAL_SERVER_ERROR))
}

//! The routes of an issuer.

mod dev;
mod signin;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, Response, Uri};
use axum::routing::get;

use crate::account_api;
use crate::answer::{answer, document};
use crate::faults::Endpoint;
use crate::state::State;

type Shared = extract::State<Arc<State>>;

/// Builds the issuer's routes.
pub(super) fn router(state: &Arc<State>, port: u16) -> Router {
    let fetched = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/jwks", get(keys))
        .route("/.well-known/jwks.json", get(keys))
        .merge(account_api())
        .merge(signin::cors_routes(port));
    Router::new()
        .merge(signin::with_cors(fetched, state))
        .merge(signin::other_routes(port))
        .fallback(not_found)
        .with_state(Arc::clone(state))
}

/// Routes of the Account API, whose answers depend on the bearer token.
fn account_api() -> Router<Arc<State>> {
    let paths = [
        ("permissions", Endpoint::Permissions),
        ("permission/{key}", Endpoint::Permissions),
        ("roles", Endpoint::Roles),
        ("feature_flags", Endpoint::FeatureFlags),
        ("entitlements", Endpoint::Entitlements),
        ("entitlement/{key}", Endpoint::Entitlements),
        ("portal_link", Endpoint::PortalLink),
    ];
    paths.into_iter().fold(Router::new(), |router, (path, endpoint)| {
        let handler = move |state: Shared, headers: HeaderMap, uri: Uri| async move {
            answer(&state, endpoint, |settings| {
                document(account_api::document(settings, endpoint, &headers, &uri))
            })
            .await
        };
        router.route(&format!("/account_api/v1/{path}"), get(handler))
    })
}

async fn discovery(state: Shared) -> Response<Body> {
    answer(&state, Endpoint::Discovery, |settings| document(Ok(settings.document(Endpoint::Discovery)))).await
}

async fn keys(state: Shared) -> Response<Body> {
    answer(&state, Endpoint::Keys, |settings| document(Ok(settings.document(Endpoint::Keys)))).await
}

async fn not_found(state: Shared) -> Response<Body> {
    answer(&state, Endpoint::Elsewhere, |_| document(Err(404))).await
}

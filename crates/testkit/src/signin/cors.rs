//! CORS: the pages that may read the issuer's answers (the Fetch standard, §3.3).

use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::client::Clients;

/// Allows the pages of the registered clients, with their cookies; `None` if there is no such page.
///
/// Kinde's SDK sends its version in the header `Kinde-SDK`. Answers to requests with cookies must name the exact
/// origin.
pub(crate) fn layer(clients: &Clients) -> Option<CorsLayer> {
    let origins: Vec<_> =
        clients.origins().iter().filter_map(|origin| HeaderValue::try_from(origin).ok()).collect();
    if origins.is_empty() {
        return None;
    }
    let headers = [AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName::from_static("kinde-sdk"), PRAGMA];
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers)
        .allow_credentials(true);
    Some(layer)
}

//! `tower-oauth2-resource-server`, with the faster of its backends.

use std::path::Path;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Router};
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;

use super::Claims;
use crate::fixture::{AUDIENCE, ISSUER, read};

async fn handler(Extension(claims): Extension<Claims>) -> Result<&'static str, StatusCode> {
    if claims.allow() { Ok("ok") } else { Err(StatusCode::FORBIDDEN) }
}

pub async fn router(folder: &Path) -> Router {
    let tenant = TenantConfiguration::static_builder(read(folder, "keys"));
    let tenant = tenant.identifier(ISSUER).audiences(&[AUDIENCE]).build().expect("a tenant");
    let server =
        OAuth2ResourceServer::<Claims>::builder().add_tenant(tenant).build().await.expect("a server");
    Router::new().route("/", get(handler)).layer(server.into_layer())
}

//! `jwt-authorizer`, which is made for Axum 0.7 and brings `jsonwebtoken` 9 (ring).

use std::path::Path;

use axum07::Router;
use axum07::http::StatusCode;
use axum07::routing::get;
use jwt_authorizer::{Authorizer, IntoLayer, JwtAuthorizer, JwtClaims, Validation};
use tokio::net::TcpListener;

use super::Claims;
use crate::fixture::{AUDIENCE, ISSUER, read};

async fn handler(JwtClaims(claims): JwtClaims<Claims>) -> Result<&'static str, StatusCode> {
    if claims.allow() { Ok("ok") } else { Err(StatusCode::FORBIDDEN) }
}

pub async fn serve(listener: TcpListener, folder: &Path) {
    let validation = Validation::new().iss(&[ISSUER]).aud(&[AUDIENCE]);
    let builder = JwtAuthorizer::<Claims>::from_jwks_text(&read(folder, "keys")).validation(validation);
    let authorizer: Authorizer<Claims> = builder.build().await.expect("an authorizer");
    let router = Router::new().route("/", get(handler)).layer(authorizer.into_layer());
    axum07::serve(listener, router.into_make_service()).await.expect("the server runs");
}

//! `axum-jwt-auth`, which brings `jsonwebtoken` 10 with its backend `rust_crypto`.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::http::StatusCode;
use axum::routing::get;
use axum_jwt_auth::{Decoder, LocalDecoder};
use jsonwebtoken10::{Algorithm, DecodingKey, Validation};

use super::Claims;
use crate::fixture::{AUDIENCE, ISSUER, read};

#[derive(Clone)]
struct State(Decoder<Claims>);

impl FromRef<State> for Decoder<Claims> {
    fn from_ref(state: &State) -> Self {
        Arc::clone(&state.0)
    }
}

async fn handler(user: axum_jwt_auth::Claims<Claims>) -> Result<&'static str, StatusCode> {
    if user.claims.allow() { Ok("ok") } else { Err(StatusCode::FORBIDDEN) }
}

pub fn router(folder: &Path) -> Router {
    let jwks: serde_json::Value = serde_json::from_str(&read(folder, "keys")).expect("a key set");
    let [n, e] = ["n", "e"].map(|name| jwks["keys"][0][name].as_str().expect("an RSA key").to_owned());
    let key = DecodingKey::from_rsa_components(&n, &e).expect("a key");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    let decoder = LocalDecoder::builder().keys(vec![key]).validation(validation).build().expect("a decoder");
    Router::new().route("/", get(handler)).with_state(State(Arc::new(decoder)))
}

//! A hand-written extractor with `jsonwebtoken`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::routing::get;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

use super::Claims;
use crate::fixture::{AUDIENCE, ISSUER, read};

struct Keys {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

impl FromRequestParts<Arc<Keys>> for Claims {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Keys>) -> Result<Self, StatusCode> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
        state.verify(token).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl Keys {
    fn verify(&self, token: &str) -> Option<Claims> {
        let key = self.keys.get(&decode_header(token).ok()?.kid?)?;
        Some(decode::<Claims>(token, key, &self.validation).ok()?.claims)
    }
}

async fn handler(claims: Claims) -> Result<&'static str, StatusCode> {
    if claims.allow() { Ok("ok") } else { Err(StatusCode::FORBIDDEN) }
}

pub fn router(folder: &Path) -> Router {
    let set: JwkSet = serde_json::from_str(&read(folder, "keys")).expect("a key set");
    let keys = set.keys.iter().map(|jwk| {
        let kid = jwk.common.key_id.clone().expect("a key id");
        (kid, DecodingKey::from_jwk(jwk).expect("a key"))
    });
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    Router::new().route("/", get(handler)).with_state(Arc::new(Keys { keys: keys.collect(), validation }))
}

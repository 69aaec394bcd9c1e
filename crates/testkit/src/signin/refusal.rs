//! OAuth 2.0 errors.

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::reply::{self, Reply};

/// An `error` with its `error_description` (RFC 6749 §4.1.2.1 and §5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    pub(super) description: String,
    /// The client used the `Authorization` header, so the answer carries a challenge.
    challenge: bool,
}

/// Creates the error for a malformed request (RFC 6749 §5.2).
pub(super) fn invalid_request(description: impl Into<String>) -> Refusal {
    Refusal::new("invalid_request", description)
}

/// Creates the error for an invalid code or refresh token (RFC 6749 §5.2).
pub(super) fn invalid_grant(description: impl Into<String>) -> Refusal {
    Refusal::new("invalid_grant", description)
}

/// Creates the error for an unknown client or wrong credentials (RFC 6749 §5.2).
pub(super) fn invalid_client(description: impl Into<String>) -> Refusal {
    Refusal::new("invalid_client", description)
}

impl Refusal {
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into(), challenge: false }
    }

    pub(super) fn with_challenge(self) -> Self {
        Self { challenge: true, ..self }
    }

    /// Creates the reply of an endpoint that clients call directly.
    pub(super) fn reply(&self) -> Reply {
        let status =
            if self.error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut reply = reply::secret_json(status, &body);
        if self.challenge {
            let challenge = HeaderValue::from_static("Basic realm=\"kinde-perms\"");
            reply.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        reply
    }
}

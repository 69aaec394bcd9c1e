//! Why a request is refused, in the words of OAuth 2.0.

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::reply::{self, Reply};

/// An `error` with its `error_description` (RFC 6749 §4.1.2.1 and §5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    pub(super) description: String,
    /// The client showed its credentials in the `Authorization` header, so the answer names that scheme.
    challenge: bool,
}

/// The request is malformed: RFC 6749 §5.2.
pub(super) fn invalid_request(description: impl Into<String>) -> Refusal {
    Refusal::new("invalid_request", description)
}

/// The code or refresh token does not hold: RFC 6749 §5.2.
pub(super) fn invalid_grant(description: impl Into<String>) -> Refusal {
    Refusal::new("invalid_grant", description)
}

/// The client is unknown, or is not who it says it is: RFC 6749 §5.2.
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

    /// Writes the answer of an endpoint that clients ask directly.
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

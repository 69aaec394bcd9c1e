//! A rejection as an Axum response.

use axum::body::Body;
use axum::response::{IntoResponse, Response};

use crate::{Rejection, Validator};

/// The extension of a response made from a rejection, which its validator's observer has already received.
#[derive(Clone)]
struct Reported(Rejection);

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = self.to_response().map(Body::from);
        response.extensions_mut().insert(Reported(self));
        response
    }
}

impl Validator {
    /// Returns `true` if a response was made from a rejection of this validator.
    pub(super) fn has_reported(&self, response: &Response) -> bool {
        let reported = response.extensions().get::<Reported>();
        reported.is_some_and(|Reported(rejection)| self.has_made(rejection))
    }
}

//! A rejection as an Axum response.

use axum::body::Body;
use axum::response::{IntoResponse, Response};

use crate::{Rejection, Validator};

/// The mark on a response made of a rejection: its validator's observer was told already.
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
    /// Returns `true` if a response is made of a rejection of this validator's.
    pub(super) fn has_reported(&self, response: &Response) -> bool {
        let reported = response.extensions().get::<Reported>();
        reported.is_some_and(|Reported(rejection)| self.has_made(rejection))
    }
}

//! A rejection as an Axum response.

use axum::body::Body;
use axum::response::{IntoResponse, Response};

use crate::Rejection;

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.to_response().map(Body::from)
    }
}

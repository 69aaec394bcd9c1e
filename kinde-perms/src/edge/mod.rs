//! The edge of a service: bearer extraction, authentication and authorization of requests, and HTTP error responses.

mod authorize;
mod bearer;
mod caller;
mod response;

use bytes::Bytes;

#[cfg(feature = "axum")]
pub(crate) use self::authorize::RouteName;
pub use self::caller::RequestHead;
#[cfg(feature = "axum")]
pub(crate) use self::caller::Visibility;
use crate::rejection::Rejection;

impl Rejection {
    /// Returns the response: the replacement given to
    /// [`ValidatorBuilder::on_rejection`](crate::ValidatorBuilder::on_rejection), or the default.
    ///
    /// Called by the replacement itself, `to_response` returns the default, so that a replacement can extend it.
    #[must_use]
    pub fn to_response(&self) -> http::Response<Bytes> {
        response::build(self)
    }
}

//! What a request must carry, and what a refusal looks like on the wire.

mod bearer;
mod caller;
mod edge;
mod response;

use bytes::Bytes;

pub use self::caller::RequestHead;
#[cfg(feature = "axum")]
pub(crate) use self::caller::Telling;
#[cfg(feature = "axum")]
pub(crate) use self::edge::RouteName;
use crate::rejection::Rejection;

impl Rejection {
    /// Returns the response: the replacement given to
    /// [`ValidatorBuilder::on_rejection`](crate::ValidatorBuilder::on_rejection), or the default.
    ///
    /// Inside such a replacement it is the default, for one that only adds to it.
    #[must_use]
    pub fn to_response(&self) -> http::Response<Bytes> {
        response::build(self)
    }
}

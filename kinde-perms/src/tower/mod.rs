//! A layer for whole route groups, and for services other than Axum's.
//!
//! `#[requires]` on each handler is the better way: the rule then stands where the code is. The layer is for what has
//! no handler of its own, such as a directory of files, a proxied service or a gRPC server, and for middleware that
//! needs to know who is calling.

mod body;
mod future;
mod layer;
mod service;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;
pub use self::layer::AuthLayer;
pub use self::service::Auth;

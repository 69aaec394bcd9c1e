//! A layer for whole route groups, and for services other than Axum's.
//!
//! Prefer `#[requires]` on each handler, which keeps the rule beside the code. Use the layer for services without handlers,
//! such as a directory of files, a proxied service or a gRPC server, and for middleware that needs the caller's claims.

mod body;
mod future;
mod layer;
mod service;

pub use self::body::ResponseBody;
pub use self::future::ResponseFuture;
pub use self::layer::AuthLayer;
pub use self::service::Auth;

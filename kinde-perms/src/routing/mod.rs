//! [`GuardedRouter`], a router that accepts only guarded routes, and the functions that make its routes.
//!
//! The functions have the names of Axum's own, so only the imports of a router change:
//!
//! ```
//! use kinde_perms::routing::{get, post};      // was: axum::routing::{get, post}
//! use kinde_perms::GuardedRouter as Router;   // was: axum::Router
//! ```
//!
//! A handler without `#[requires]` or `#[public]` is then a compile error that says so:
//!
//! ```compile_fail,E0277
//! use kinde_perms::{GuardedRouter, Validator, routing::get};
//!
//! async fn list_todos() -> &'static str {
//!     "[]"
//! }
//!
//! let app: GuardedRouter<Validator> = GuardedRouter::new().route("/todos", get(list_todos));
//! // error[E0277]: this handler is not guarded
//! ```

mod declaration;
mod method;
mod nested;
mod protected;
mod router;
mod service;

#[doc(hidden)]
pub use self::declaration::Declaration;
pub use self::method::{
    GuardedMethodRouter, any, connect, delete, get, head, on, options, patch, post, put, trace,
};
pub use self::protected::{FirstArgument, GuardedHandler, Protected};
pub use self::router::GuardedRouter;
#[doc(hidden)]
pub use self::service::AsHandler;
pub use self::service::{DeclaredService, GuardedService, PublicService, guarded_service, public_service};

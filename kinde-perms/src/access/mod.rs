//! The access list of a router: its routes with their rules and, for known roles, the matrix of roles and routes.
//!
//! [`GuardedRouter::access`](crate::GuardedRouter::access) makes an [`AccessMatrix`]. A matrix is written as text, Markdown,
//! HTML and JSON. The JSON can be kept and read back; [`AccessDiff`] compares two matrices, so that a change of the routes
//! can be reviewed for the access that it grants.

mod bundles;
mod catalogue;
mod classes;
mod diff;
mod diff_json;
pub(crate) mod diff_text;
pub(crate) mod findings;
mod format;
pub(crate) mod html;
mod json;
mod markdown;
mod matcher;
mod matrix;
mod openapi;
mod pattern;
mod reach;
pub(crate) mod report;
mod route;
pub(crate) mod text;

#[cfg(test)]
mod tests;

pub use self::catalogue::Catalogue;
pub use self::diff::{AccessDiff, Change, Who};
pub use self::format::{Format, UnknownFormat};
pub use self::json::AccessError;
pub use self::matcher::{Matcher, RouteMatch};
pub use self::matrix::AccessMatrix;
pub use self::openapi::Coverage;
#[cfg(feature = "aide")]
pub(crate) use self::openapi::{describe, problem_schema, response};
pub use self::reach::Reach;
pub use self::route::{Access, Handler, Route};

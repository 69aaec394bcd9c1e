//! Who may call what: the list of a router's routes with their rules, and, for known roles, the matrix of role and route.
//!
//! [`GuardedRouter::access`](crate::GuardedRouter::access) makes an [`AccessMatrix`]. It prints as text, Markdown
//! and JSON; the JSON is also the form in which it is kept, so that a change of the routes can be reviewed for what
//! it grants.

mod bundles;
mod catalogue;
mod classes;
mod diff;
mod diff_json;
pub(crate) mod diff_text;
pub(crate) mod findings;
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
pub use self::json::AccessError;
pub use self::matcher::{Answer, Matcher};
pub use self::matrix::{AccessMatrix, Format, UnknownFormat};
pub use self::openapi::Coverage;
#[cfg(feature = "aide")]
pub(crate) use self::openapi::{describe, problem_schema, response};
pub use self::reach::Reach;
pub use self::route::{Access, Handler, Route};

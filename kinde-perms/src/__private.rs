//! Items that the output of the macros names. They are not part of the public interface.

#[cfg(feature = "axum")]
pub use ::axum::{extract::FromRequestParts, response::Response};
#[cfg(feature = "axum")]
pub use http::request::Parts;

#[cfg(feature = "axum")]
pub use crate::extract::{
    Check, CheckNames, CheckOutcome, CheckRefusal, Checks, IntoVerdict, Policy, Public, PublicHandler,
    Source, TokenOnly, extract,
};
pub use kinde_perms_policy::__private::{Node, checked_key, declared, manifest_key, of_type, refused};
pub use kinde_perms_policy::{FlagLiteral, Kind, Leaf, Source as FactSource};

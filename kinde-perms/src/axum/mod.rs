//! Axum: the guard, the extractors, and where they find the validator.

#[cfg(feature = "account-api")]
mod account;
#[cfg(feature = "aide")]
mod aide;
mod check;
mod claims;
mod guard;
mod rejection;
pub mod routing;
mod state;

pub use self::check::{
    Answer, Check, CheckNames, Checks, GuardRejection, Objection, Ran, TokenOnly, Verdict, extract,
};
pub use self::guard::{Declared, Guard, Policy, Public, Source};
pub use self::state::HasValidator;

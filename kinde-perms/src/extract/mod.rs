//! Axum's side of a handler: the guard, checks, extractors, and the state that provides the validator.

#[cfg(feature = "account-api")]
mod account;
#[cfg(feature = "aide")]
mod aide;
mod check;
mod claims;
mod guard;
mod rejection;
mod state;

pub use self::check::{
    Check, CheckNames, CheckOutcome, CheckRefusal, Checks, GuardRejection, IntoVerdict, TokenOnly, Verdict,
    extract,
};
pub use self::guard::{Guard, Policy, Public, PublicHandler, Source};
pub use self::state::HasValidator;

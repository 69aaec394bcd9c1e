//! Axum: the guard, the extractors, and where they find the validator.

#[cfg(feature = "aide")]
mod aide;
mod claims;
mod guard;
mod rejection;
pub mod routing;
mod state;

pub use self::guard::{Declared, Guard, Policy, Public, Source};
pub use self::state::HasValidator;

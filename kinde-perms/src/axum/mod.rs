//! Axum: the guard, the extractors, and where they find the validator.

mod claims;
mod guard;
mod rejection;
mod state;

pub use self::guard::Guard;
pub use self::state::HasValidator;

pub(crate) use self::guard::{Declared, Policy, Public, Source};

//! Permissions.

mod claims;
mod json;
mod policy;
pub mod time;
mod token;

#[cfg(feature = "testkit")]
pub mod testkit;

pub use claims::*;
pub use policy::*;
pub use token::*;

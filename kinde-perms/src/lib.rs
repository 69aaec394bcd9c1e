//! Permissions.

mod claims;
mod json;
mod policy;
mod time;
mod token;

pub use claims::*;
pub use policy::*;
pub use token::*;

//! Permissions.

mod claims;
mod json;
mod jwks;
mod policy;
mod time;
mod token;

pub use claims::*;
pub use jwks::*;
pub use policy::*;
pub use token::*;

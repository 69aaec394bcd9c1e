//! Permissions.

mod claims;
mod json;
mod policy;
mod time;

pub use claims::*;
pub use policy::*;

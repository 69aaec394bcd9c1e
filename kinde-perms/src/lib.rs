//! x
pub mod json;
pub mod jwks;
pub mod time;
pub mod token;

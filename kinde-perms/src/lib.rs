//! x
pub mod time;
pub mod token;

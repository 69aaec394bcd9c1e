//! x
pub mod time;

#[cfg(feature = "testkit")]
pub mod testkit;

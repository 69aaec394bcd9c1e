//! Inputs that tests, benchmarks and fuzz targets share.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used,
    reason = "whoever calls it is a test, which fails by a panic"
)]

#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod rubbish;

//! Chapters that belong to no single item.

/// Which traps token checks have fallen into, and what keeps this one out of them.
#[doc = include_str!("../docs/how-others-failed.md")]
pub mod how_others_failed {}

/// Events, metrics and health.
#[doc = include_str!("../docs/observability.md")]
pub mod observability {}

//! Chapters that belong to no single item.
//!
//! [From zero to a guarded full stack](from_zero) is where to begin; [your Kinde business](real_kinde) and
//! [tests](testing) go on from there.

// Chapters link each other as files, for who reads the repository. Of two definitions of a link the first counts: what stands
// before a chapter is for rustdoc.

/// From zero to a guarded full stack: an API, a page, and somebody who signs in.
#[cfg_attr(
    all(feature = "axum", feature = "macros"),
    doc = "\n\n[real_kinde]: crate::manual::real_kinde\n[testing]: crate::manual::testing\n\n",
    doc = include_str!("../docs/from-zero.md")
)]
pub mod from_zero {}

/// Point it at your real Kinde business: what to set up there, and how to see that it is right.
#[cfg_attr(
    all(feature = "axum", feature = "macros"),
    doc = "\n\n[from_zero]: crate::manual::from_zero\n\n",
    doc = include_str!("../docs/real-kinde.md")
)]
pub mod real_kinde {}

/// Test your own app against the local issuer: in Rust, with Playwright, with Cypress, in CI.
#[cfg_attr(
    all(feature = "axum", feature = "macros"),
    doc = "\n\n[from_zero]: crate::manual::from_zero\n[by_hand]: crate::manual::from_zero#by-hand\n\n",
    doc = include_str!("../docs/testing.md")
)]
pub mod testing {}

/// Which traps token checks have fallen into, and what keeps this one out of them.
#[doc = include_str!("../docs/how-others-failed.md")]
pub mod how_others_failed {}

/// Every message about a rule, with its cure.
#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

/// Events, metrics and health.
#[doc = include_str!("../docs/observability.md")]
pub mod observability {}

/// What a guard costs, how that was measured, and how to size the cache.
#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

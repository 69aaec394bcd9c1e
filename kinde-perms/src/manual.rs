//! The manual: chapters that belong to no single item.
//!
//! [From zero to a guarded full stack](from_zero) is the first chapter; [your Kinde business](real_kinde) and
//! [tests](testing) continue from there. All other chapters stand alone.

// Chapters link each other as files, for readers of the repository. rustdoc takes the first definition of a link, so
// `links.md` stands before each chapter. Blocks that need the test kit are compiled in the crate `tests`.

/// From zero to a guarded full stack: an API, a page, and a person who signs in.
#[doc = include_str!("links.md")]
#[cfg_attr(all(feature = "axum", feature = "macros"), doc = include_str!("../docs/from-zero.md"))]
pub mod from_zero {}

/// Point the API at your real Kinde business: the settings there, and how to see that they are right.
#[doc = include_str!("links.md")]
#[cfg_attr(all(feature = "axum", feature = "macros"), doc = include_str!("../docs/real-kinde.md"))]
pub mod real_kinde {}

/// Test your own app against the local issuer: in Rust, with Playwright, with Cypress, in CI.
#[doc = include_str!("links.md")]
#[cfg_attr(all(feature = "axum", feature = "macros", not(doctest)), doc = include_str!("../docs/testing.md"))]
pub mod testing {}

/// Rules: their meaning, the handler's arguments, rules without a request, and checks.
#[doc = include_str!("links.md")]
#[cfg_attr(all(feature = "axum", feature = "macros"), doc = include_str!("../docs/rules.md"))]
pub mod rules {}

/// Live rules: rights that Kinde confirms at the time of the request.
#[doc = include_str!("links.md")]
#[cfg_attr(feature = "account-api", doc = include_str!("../docs/live-rules.md"))]
pub mod live_rules {}

/// `kinde.toml`: keys that do not exist in Kinde do not compile.
#[doc = include_str!("links.md")]
#[cfg_attr(feature = "macros", doc = include_str!("../docs/kinde-toml.md"))]
pub mod kinde_toml {}

/// The guarded router: a handler without a rule does not compile.
#[doc = include_str!("links.md")]
#[cfg_attr(all(feature = "axum", feature = "macros"), doc = include_str!("../docs/guarded-router.md"))]
pub mod guarded_router {}

/// The access matrix: each route, its rule, and the roles that reach it.
#[doc = include_str!("links.md")]
#[cfg_attr(all(feature = "axum", not(doctest)), doc = include_str!("../docs/access-matrix.md"))]
pub mod access_matrix {}

/// The program `kinde-perms`: routes, manifests and tokens on the command line.
#[doc = include_str!("links.md")]
#[doc = include_str!("../docs/program.md")]
pub mod program {}

/// Responses: the status, challenge and body of each refusal.
#[doc = include_str!("links.md")]
#[doc = include_str!("../docs/responses.md")]
pub mod responses {}

/// Traps that token checks have fallen into, and the defenses of this crate.
#[doc = include_str!("links.md")]
#[doc = include_str!("../docs/how-others-failed.md")]
pub mod how_others_failed {}

/// Every message about a rule, with its cure.
#[doc = include_str!("links.md")]
#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

/// Decisions, events, metrics and health.
#[doc = include_str!("links.md")]
#[doc = include_str!("../docs/observability.md")]
pub mod observability {}

/// The cost of a guard, how it was measured, and how to size the cache.
#[doc = include_str!("links.md")]
#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

//! The integration tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unused_async,
    clippy::default_trait_access,
    reason = "a test that cannot go on fails, in its helpers too; handlers are async by form, and hidden arguments have hidden types"
)]

mod aide;
mod audit;
mod cache;
mod checks;
mod circles;
mod config;
mod corpus;
mod decisions;
mod differential;
mod documents;
mod edge;
mod errors;
mod events;
mod extractors;
mod faults;
mod guarded_router;
mod kinds;
mod layers;
mod live;
mod live_load;
mod metrics;
mod printing;
mod router_is_axum;
mod service;
mod signin;
mod tower_layer;
mod tree;
mod trees;
mod ui;

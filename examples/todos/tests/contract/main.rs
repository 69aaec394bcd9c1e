//! The contract of the todo API: permissions, answers, and the settings with which the server does not start.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and JSON values are indexed by name"
)]

mod access;
mod bodies;
mod cors;
mod demo;
mod order;
mod owners;
mod permissions;
mod process;
mod roles;
mod startup;
mod support;
mod tenants;
mod web;

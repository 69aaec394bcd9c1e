//! The contract of the todo API: who may do what, what each answer is, and when the server does not start.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bodies;
mod cors;
mod demo;
mod order;
mod permissions;
mod process;
mod roles;
mod startup;
mod support;
mod tenants;

//! The integration tests, in one binary.

mod config;
mod edge;
mod extractors;
mod layers;
mod tower_layer;
mod tree;
mod ui;

//! The integration tests.

mod ui;

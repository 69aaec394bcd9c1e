//! A todo API in which each route declares its rule in one line.
//!
//! [`app`] builds the router from a [`Validator`](kinde_perms::Validator) and a [`Store`], which is all a test
//! needs; `main.rs` reads the [`Settings`] and serves it.

mod app;
mod demo;
mod error;
mod extract;
mod handlers;
mod openapi;
mod settings;
mod store;
mod web;

pub use app::{App, access, app};
pub use demo::Demo;
pub use settings::{Issuer, Settings, SettingsError};
pub use store::{Store, StoreError};
pub use web::Web;

//! `#[requires(…)]`: parse ([`syntax`]), judge ([`model`], [`handler`]), emit ([`expand`]).

pub(crate) mod checks;
pub(crate) mod expand;
mod groups;
pub(crate) mod handler;
mod meant;
pub(crate) mod model;
pub(crate) mod names;
pub(crate) mod service;
mod spelling;
pub(crate) mod syntax;
mod values;

//! `#[requires(…)]`: parse ([`syntax`]), validate ([`validate`], [`handler`]), emit ([`expand`]).

pub(crate) mod checks;
pub(crate) mod expand;
mod groups;
pub(crate) mod handler;
pub(crate) mod model;
pub(crate) mod names;
pub(crate) mod service;
mod spelling;
pub(crate) mod syntax;
mod vacuous;
pub(crate) mod validate;
mod values;

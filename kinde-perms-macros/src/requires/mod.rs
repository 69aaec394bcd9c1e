//! `#[requires(…)]`.
//!
//! [`syntax`] parses the tokens. [`validate`] makes of them a rule, the tree in [`model`]: `checks` takes out `check = …` and
//! `claims = …`, `groups` and `values` read the other items, and `vacuous` refuses rules and parts without effect. [`handler`]
//! validates the function. [`expand`] emits the rule, and [`service`] the decision in a function that is not a handler.

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

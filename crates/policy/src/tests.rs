//! The policy layer against a model that was written without it.

mod compare;
mod keys;
mod live;
mod meaning;
mod model;
mod refusals;
mod text;

//! Tests of rules against `model`, an evaluator that was written separately.

mod compare;
mod keys;
mod live;
mod meaning;
mod model;
mod refusals;
mod text;

//! Rules over claims.

mod node;

pub use self::node::{FlagLiteral, Leaf, Node};

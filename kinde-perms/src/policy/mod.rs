//! The meaning of rules: what they are made of, when they hold, how they are written, and why one refused a token.
//!
//! Rules fail closed. They are decided on negation normal form with three-valued facts: a fact that is asked for must be
//! held, one that is excluded must be known to be lacked, and an unknown one satisfies neither. So `not(x)` is not the
//! complement of `x`: with a malformed claim both are refused. `not(any(…))` is `all` of the negations, `not(all(…))` is `any`
//! of them. `authenticated` holds for every verified token and its negation for none; an empty combinator never
//! holds, negated or not.
//!
//! What only Kinde can tell is a fourth standing, *unasked*: the rest of the rule may decide without it, and else the rule
//! stays open until the Account API has been asked.
//!
//! [`Requirement`] (constants) and [`Rule`] (text) lend the same view, and one evaluator serves both; to allow costs no
//! allocation. The normal form is described at [`Rule`], refusals at [`Denied`].

mod assume;
mod compare;
mod decision;
mod declared;
mod denied;
mod explain;
mod key;
mod live;
mod logic;
mod node;
mod normal;
mod parse;
mod print;
mod problem;
mod requirement;
mod rule;
mod scan;
mod tree;
mod world;

#[cfg(test)]
mod tests;

pub use self::decision::Decision;
pub use self::declared::{declared, manifest_key, of_type};
pub use self::denied::{ClaimFault, Denied, Missing, refused};
pub use self::key::{KeyFault, entitlement_name, flag_key, org_code, permission_key, role_key, scope_key};
#[cfg(feature = "cli")]
pub(crate) use self::key::{check as check_key, check_name};
pub use self::live::TokenRule;
#[cfg(feature = "account-api")]
pub use self::live::{AnyRule, LiveRequirement};
pub use self::node::{Fact, FlagLiteral, Leaf, Literal, Live, Node};
pub use self::parse::{RuleError, RuleFault};
pub use self::requirement::Requirement;
pub use self::rule::Rule;

pub(crate) use self::node::Resource;
#[cfg(feature = "account-api")]
pub(crate) use self::tree::{Facts, Outcome};

//! An implementation detail of [`kinde-perms`](https://docs.rs/kinde-perms), without stability of its own.
//!
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

#![expect(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    reason = "what the crates of this project share is released with them; what users name says `non_exhaustive` itself"
)]

mod assume;
mod atom;
mod compare;
mod decision;
mod declared;
mod denied;
mod error;
mod explain;
mod fact;
mod facts;
mod key;
mod lent;
mod live;
mod logic;
mod manifest;
mod normal;
mod parse;
mod principal;
mod print;
#[cfg(feature = "serde")]
mod problem;
mod requirement;
mod rule;
mod scan;
mod tree;
mod world;

#[cfg(feature = "toml")]
#[doc(hidden)]
#[expect(clippy::must_use_candidate, reason = "for the macros and the program alone")]
pub mod kinde_toml;
#[doc(hidden)]
#[expect(clippy::must_use_candidate, reason = "for the crates of this project alone")]
pub mod printable;

#[cfg(test)]
mod tests;

pub use self::decision::Decision;
pub use self::denied::{Denied, Missing};
pub use self::error::{RuleError, RuleFault};
pub use self::fact::{Fact, FlagLiteral, Leaf, Literal, Live};
pub use self::facts::ClaimFault;
pub use self::key::KeyFault;
pub use self::live::{AnyRule, LiveRequirement, TokenRule};
pub use self::manifest::{Manifest, ManifestEntry, ManifestRole};
pub use self::principal::Principal;
pub use self::requirement::Requirement;
pub use self::rule::Rule;

/// What the output of the macros names; `kinde_perms::__private` passes it on.
#[doc(hidden)]
pub mod __private {
    pub use crate::declared::{declared, manifest_key, of_type};
    pub use crate::denied::refused;
    pub use crate::key::{entitlement_name, flag_key, org_code, permission_key, role_key, scope_key};
    pub use crate::tree::Node;
}

/// What the crates of this project share beside the names that users know.
///
/// - to decide: [`Facts`](shared::Facts), [`Standing`](shared::Standing), [`Outcome`](shared::Outcome) and
///   [`Resource`](shared::Resource), with the hidden methods of rules;
/// - about rules that were read: [`assume`](shared::assume), [`widen`](shared::widen) and
///   [`for_each_fact`](shared::for_each_fact);
/// - about keys: [`check_key`](shared::check_key) and [`check_name`](shared::check_name);
/// - what rules imply: [`Atom`](shared::Atom), [`PRINCIPAL`](shared::PRINCIPAL), [`Formula`](shared::Formula) and
///   [`implies`](shared::implies).
#[doc(hidden)]
pub mod shared {
    pub use crate::assume::{assume, for_each_fact, widen};
    pub use crate::atom::{Atom, PRINCIPAL, Value, ValueKind};
    pub use crate::fact::Resource;
    pub use crate::facts::{Facts, Standing};
    pub use crate::key::{check as check_key, check_name};
    pub use crate::logic::{Formula, implies};
    pub use crate::tree::Outcome;
}

//! An implementation detail of [`kinde-perms`](https://docs.rs/kinde-perms), without stability of its own.
//!
//! Rules: their facts, evaluation, normal form, text, comparison, and the explanation of a refusal.
//!
//! Rules fail closed. They are decided on negation normal form with three-valued facts: a fact that is asked for must be
//! held, one that is excluded must be known to be lacked, and an unknown one satisfies neither. So `not(x)` is not the
//! complement of `x`: with a malformed claim both are refused. `not(any(…))` is `all` of the negations, `not(all(…))` is `any`
//! of them. `authenticated` holds for every verified token and its negation for none; an empty combinator never
//! holds, negated or not.
//!
//! A fact that only Kinde knows has a fourth standing, *unasked*: if the rest of the rule decides without it, Kinde is not
//! asked; otherwise the rule stays open until the Account API has answered.
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
mod kinds;
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
mod rule_ref;
mod scan;
mod tree;
mod variables;

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
pub use self::fact::{Fact, FlagLiteral, Leaf, Literal, Source};
pub use self::facts::ClaimFault;
pub use self::key::KeyFault;
pub use self::kinds::Kind;
pub use self::live::{AnyRule, LiveRequirement, TokenRule};
pub use self::manifest::{Manifest, ManifestEntry, ManifestRole};
pub use self::principal::Principal;
pub use self::requirement::Requirement;
pub use self::rule::Rule;

/// Names in the output of the macros. `kinde_perms::__private` re-exports them.
#[doc(hidden)]
pub mod __private {
    pub use crate::declared::{checked_key, declared, manifest_key, of_type};
    pub use crate::denied::refused;
    pub use crate::tree::Node;
}

/// Names that the crates of this project share and users do not know.
///
/// - to decide: [`Facts`](shared::Facts), [`Standing`](shared::Standing) and [`Outcome`](shared::Outcome), with the hidden
///   methods of rules;
/// - about kinds: [`Shape`](shared::Shape), [`Liveness`](shared::Liveness) and [`Section`](shared::Section), with the hidden
///   methods of [`Kind`];
/// - about rules that were read: [`assume`](shared::assume), [`widen`](shared::widen) and
///   [`for_each_fact`](shared::for_each_fact);
/// - implication: [`Atom`](shared::Atom), [`Formula`](shared::Formula) and [`implies`](shared::implies).
#[doc(hidden)]
pub mod shared {
    pub use crate::assume::{assume, for_each_fact, widen};
    pub use crate::atom::{Atom, AtomValue, ValueKind};
    pub use crate::facts::{Facts, Standing};
    pub use crate::kinds::{Liveness, Section, Shape};
    pub use crate::logic::{Formula, implies};
    pub use crate::tree::Outcome;
}

//! An implementation detail of [`kinde-perms`](https://docs.rs/kinde-perms), without stability of its own.
//!
//! Rules: their facts, evaluation, normal form, text, comparison, and the explanation of a refusal.
//!
//! Rules fail closed. A fact is held, lacked or unknown. `x` holds if `x` is known to be held, and `not(x)` holds if `x` is
//! known to be lacked. An unknown fact satisfies neither: with a malformed claim, `x` and `not(x)` are both refused.
//! Negation moves to the facts: `not(any(…))` is `all` of the negations, `not(all(…))` is `any` of them. `authenticated`
//! holds for every verified token and its negation for none. An empty combinator never holds, negated or not.
//!
//! A fact that only Kinde knows is *unasked* at first. If the rest of the rule decides, Kinde is not asked. Otherwise the
//! rule stays open until the Account API has answered.
//!
//! The evaluator in `tree` serves [`Requirement`] (constants) and [`Rule`] (text). It does not allocate. [`Rule`] describes
//! the normal form, and [`Denied`] describes refusals.

#![expect(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    reason = "the crates of this project are released together; types that users name are `non_exhaustive` one by one"
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

/// Names in the output of the macros; `kinde_perms::__private` re-exports them.
#[doc(hidden)]
pub mod __private {
    pub use crate::declared::{checked_key, declared, manifest_key, of_type};
    pub use crate::denied::refused;
    pub use crate::tree::Node;
}

/// Names that the crates of this project share and users do not know.
///
/// - evaluation: [`Facts`](shared::Facts), [`Standing`](shared::Standing) and [`Outcome`](shared::Outcome), with the hidden
///   methods of rules;
/// - kinds: [`Shape`](shared::Shape), [`Liveness`](shared::Liveness) and [`Section`](shared::Section), with the hidden
///   methods of [`Kind`];
/// - rules read from text: [`assume`](shared::assume), [`widen`](shared::widen) and
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

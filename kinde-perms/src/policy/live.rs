//! Which rules a token alone decides, and which need Kinde's word.

use super::decision::Decision;
use super::denied::Denied;
use super::explain::explain;
use super::node::Node;
use super::normal::Normal;
use super::requirement::Requirement;
use super::rule::Rule;
use super::tree::{self, Facts, Outcome};
use crate::claims::Claims;

/// A rule that a token alone decides: [`Requirement`] and [`Rule`].
///
/// What [`Claims::has`] and [`Claims::require`] take. A rule that asks Kinde is another type, so that nobody decides it
/// from a token by mistake.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decided from a token alone",
    label = "this rule asks Kinde's Account API",
    note = "decide it with `validator.check(&token, &rule).await`"
)]
pub trait TokenRule: Judged {}

impl TokenRule for Requirement {}
impl TokenRule for Rule {}

/// What all rules have in common: a tree that can be read.
#[expect(unnameable_types, reason = "it seals the traits of rules: every rule is a type of this crate")]
pub trait Judged {
    /// Lends the tree.
    fn lent(&self) -> Lent<'_>;

    /// The rule itself if it was compiled into the program.
    #[cfg(feature = "account-api")]
    fn constant(&self) -> Option<&Requirement>;
}

/// A rule's tree, lent by whatever stores it.
#[derive(Clone, Copy, Debug)]
#[expect(unnameable_types, reason = "it is for this crate alone; only the sealing trait mentions it")]
pub struct Lent<'a>(Stored<'a>);

#[derive(Clone, Copy, Debug)]
enum Stored<'a> {
    Constant(&'a Node),
    Text(&'a Normal<String>),
}

impl Lent<'_> {
    /// What the rule comes to, as far as the facts are known.
    pub(crate) fn outcome(self, facts: &impl Facts) -> Outcome {
        match self.0 {
            Stored::Constant(root) => tree::outcome(root, facts),
            Stored::Text(root) => tree::outcome(root, facts),
        }
    }

    /// Why it does not hold.
    pub(crate) fn denied(self, facts: &impl Facts) -> Denied {
        match self.0 {
            Stored::Constant(root) => explain(&Normal::of(root), facts),
            Stored::Text(root) => explain(root, facts),
        }
    }
}

impl Judged for Requirement {
    fn lent(&self) -> Lent<'_> {
        Lent(Stored::Constant(self.root()))
    }

    #[cfg(feature = "account-api")]
    fn constant(&self) -> Option<&Requirement> {
        Some(self)
    }
}

impl Judged for Rule {
    fn lent(&self) -> Lent<'_> {
        Lent(Stored::Text(self.normal()))
    }

    #[cfg(feature = "account-api")]
    fn constant(&self) -> Option<&Requirement> {
        None
    }
}

/// Rules in code: the same language as the attribute, asked of claims at hand.
impl Claims {
    /// Returns whether the token satisfies a rule, without allocating.
    ///
    /// A [`Rule`] read from text may ask for what only Kinde can tell; from a token alone that is neither held nor
    /// lacked.
    #[must_use = "whether a rule holds stops nobody: write `if claims.has(&rule) { … }`, or `claims.require(&rule)?`"]
    pub fn has<R: TokenRule>(&self, rule: &R) -> bool {
        rule.lent().outcome(self) == Outcome::Holds
    }

    /// Demands that the token satisfies a rule.
    ///
    /// # Errors
    /// [`Denied`], which says what is missing.
    #[must_use = "a refusal that is dropped stops nobody: write `claims.require(&rule)?`"]
    pub fn require<R: TokenRule>(&self, rule: &R) -> Result<(), Denied> {
        if self.has(rule) { Ok(()) } else { Err(rule.lent().denied(self)) }
    }
}

#[cfg(feature = "account-api")]
pub use self::asked::{AnyRule, LiveRequirement};

#[cfg(feature = "account-api")]
mod asked {
    use std::fmt;

    use super::{Judged, Lent, Requirement, Rule};

    /// A rule of any kind: one that a token decides, or one that asks Kinde.
    pub trait AnyRule: Judged {}

    impl AnyRule for Requirement {}
    impl AnyRule for Rule {}
    impl AnyRule for LiveRequirement {}

    /// A rule that was compiled into the program and asks Kinde's Account API; `requirement!` makes one if the rule
    /// names `billing_entitlements`, or lists of the form `live([…])`.
    ///
    /// Decide it with [`Validator::check`](crate::Validator::check). Its `Display` output is the
    /// [normal form](crate::Rule#normal-form).
    #[derive(Clone, Copy, Debug)]
    #[must_use = "a rule that nobody decides lets everybody through: write `validator.check(&token, &rule).await?`"]
    pub struct LiveRequirement(Requirement);

    impl LiveRequirement {
        /// Wraps a rule that a macro has built; what asks Kinde in it, a token alone never decides.
        #[doc(hidden)]
        pub const fn new(rule: Requirement) -> Self {
            Self(rule)
        }
    }

    impl Judged for LiveRequirement {
        fn lent(&self) -> Lent<'_> {
            self.0.lent()
        }

        fn constant(&self) -> Option<&Requirement> {
            Some(&self.0)
        }
    }

    impl fmt::Display for LiveRequirement {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }
}

/// Decides a rule by the token alone; explains only a refusal.
pub(super) fn decide<R: Judged>(rule: &R, claims: &Claims) -> Decision {
    match rule.lent().outcome(claims) {
        Outcome::Holds => Decision::Allow,
        Outcome::Fails | Outcome::Open(_) => Decision::Deny(rule.lent().denied(claims)),
    }
}

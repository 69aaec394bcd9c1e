//! The traits of rules: those that a token alone decides, and those that ask Kinde.

use std::fmt;

use super::requirement::Requirement;
use super::rule::Rule;
use super::rule_ref::RuleRef;

/// A rule that a token alone decides: [`Requirement`] and [`Rule`].
///
/// `Claims::has` and `Claims::require` take such a rule. A rule that asks Kinde is another type, so that it cannot be
/// decided from a token by mistake.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decided from a token alone",
    label = "this rule asks Kinde's Account API",
    note = "decide it with `validator.authorize_token(&token, &rule).await`"
)]
pub trait TokenRule: AsRuleRef {}

impl TokenRule for Requirement {}
impl TokenRule for Rule {}

/// A rule of any kind: one that a token decides, or one that asks Kinde.
pub trait AnyRule: AsRuleRef {}

impl AnyRule for Requirement {}
impl AnyRule for Rule {}
impl AnyRule for LiveRequirement {}

/// Borrows a rule for evaluation. Seals [`TokenRule`] and [`AnyRule`].
#[doc(hidden)]
#[expect(unnameable_types, reason = "it seals the traits of rules: every rule is a type of this crate")]
pub trait AsRuleRef {
    /// Borrows the rule.
    fn as_rule_ref(&self) -> RuleRef<'_>;

    /// Returns the rule if it was compiled into the program.
    fn as_requirement(&self) -> Option<&Requirement>;
}

impl AsRuleRef for Requirement {
    fn as_rule_ref(&self) -> RuleRef<'_> {
        self.as_rule_ref()
    }

    fn as_requirement(&self) -> Option<&Requirement> {
        Some(self)
    }
}

impl AsRuleRef for Rule {
    fn as_rule_ref(&self) -> RuleRef<'_> {
        self.as_rule_ref()
    }

    fn as_requirement(&self) -> Option<&Requirement> {
        None
    }
}

/// A rule that was compiled into the program and asks Kinde's Account API; `requirement!` makes one if the rule
/// names `billing_entitlements`, or lists of the form `live([…])`.
///
/// Decide it with `Validator::authorize_token`. Its `Display` output is the [normal form](Rule#normal-form).
#[derive(Clone, Copy, Debug)]
#[must_use = "a rule that nobody decides lets everybody through: write `validator.authorize_token(&token, &rule).await?`"]
pub struct LiveRequirement(Requirement);

impl LiveRequirement {
    /// Wraps a rule that a macro has built.
    #[doc(hidden)]
    pub const fn new(rule: Requirement) -> Self {
        Self(rule)
    }
}

impl AsRuleRef for LiveRequirement {
    fn as_rule_ref(&self) -> RuleRef<'_> {
        self.0.as_rule_ref()
    }

    fn as_requirement(&self) -> Option<&Requirement> {
        Some(&self.0)
    }
}

impl fmt::Display for LiveRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

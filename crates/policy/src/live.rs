//! Which rules a token alone decides, and which need Kinde's word.

use std::fmt;

use super::lent::Lent;
use super::requirement::Requirement;
use super::rule::Rule;

/// A rule that a token alone decides: [`Requirement`] and [`Rule`].
///
/// What `Claims::has` and `Claims::require` take. A rule that asks Kinde is another type, so that nobody decides it
/// from a token by mistake.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decided from a token alone",
    label = "this rule asks Kinde's Account API",
    note = "decide it with `validator.authorize_token(&token, &rule).await`"
)]
pub trait TokenRule: Judged {}

impl TokenRule for Requirement {}
impl TokenRule for Rule {}

/// A rule of any kind: one that a token decides, or one that asks Kinde.
pub trait AnyRule: Judged {}

impl AnyRule for Requirement {}
impl AnyRule for Rule {}
impl AnyRule for LiveRequirement {}

/// What all rules have in common: a tree that can be read.
#[doc(hidden)]
#[expect(unnameable_types, reason = "it seals the traits of rules: every rule is a type of this crate")]
pub trait Judged {
    /// Lends the tree.
    fn lent(&self) -> Lent<'_>;

    /// Returns the rule itself if it was compiled into the program.
    fn constant(&self) -> Option<&Requirement>;
}

impl Judged for Requirement {
    fn lent(&self) -> Lent<'_> {
        self.as_lent()
    }

    fn constant(&self) -> Option<&Requirement> {
        Some(self)
    }
}

impl Judged for Rule {
    fn lent(&self) -> Lent<'_> {
        self.as_lent()
    }

    fn constant(&self) -> Option<&Requirement> {
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
    /// Wraps a rule that a macro has built; what asks Kinde in it, a token alone never decides.
    #[doc(hidden)]
    pub const fn new(rule: Requirement) -> Self {
        Self(rule)
    }
}

impl Judged for LiveRequirement {
    fn lent(&self) -> Lent<'_> {
        self.0.as_lent()
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

//! Rules of constants, as the macros write them.

use std::fmt;

use super::decision::Decision;
use super::facts::Facts;
use super::normal::Normal;
use super::rule_ref::RuleRef;
use super::tree::Node;

/// A rule that was compiled into the program; `requirement!` and `#[requires]` make one.
///
/// A requirement is `Copy`, lives in constants, and is decided without allocating. Its `Display` output is the
/// [normal form](crate::Rule#normal-form).
#[derive(Clone, Copy, Debug)]
#[must_use = "a rule that nobody decides lets everybody through: write `claims.require(&rule)?`"]
pub struct Requirement {
    root: Node,
}

impl Requirement {
    /// Any valid access token.
    pub const AUTHENTICATED: Self = Self::new(Node::Authenticated);

    /// Wraps a tree that a macro has built. The macro's output checks the keys.
    #[doc(hidden)]
    pub const fn new(root: Node) -> Self {
        Self { root }
    }

    /// Decides the rule for a token. The reasons are worked out only for a refusal.
    pub fn decide(&self, claims: &impl Facts) -> Decision {
        self.as_rule_ref().decide(claims)
    }

    pub(super) const fn as_rule_ref(&self) -> RuleRef<'_> {
        RuleRef::constant(&self.root)
    }

    /// Returns the rule in normal form, borrowing its text.
    pub(super) fn normal(&self) -> Normal<&str> {
        Normal::of(&self.root)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.normal().fmt(f)
    }
}

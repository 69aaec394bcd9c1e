//! Rules of constants, as the macros write them.

use std::fmt;

use super::decision::Decision;
use super::denied::Denied;
use super::node::Node;
use super::normal::Normal;
use super::tree;
use crate::claims::Claims;

/// A rule that was compiled into the program; `requirement!` and `#[requires]` make one.
///
/// It is `Copy`, lives in constants, and is decided without allocating. Its `Display` output is the
/// [normal form](crate::Rule#normal-form).
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    root: Node,
}

impl Requirement {
    /// Any valid access token.
    pub const AUTHENTICATED: Self = Self::new(Node::Authenticated);

    /// Wraps the tree that a macro has built and whose keys it has had checked.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(root: Node) -> Self {
        Self { root }
    }

    /// Decides the rule for a token; what is missing is worked out only when it does not hold.
    pub fn decide(&self, claims: &Claims) -> Decision {
        tree::decide(&self.root, claims)
    }

    /// The rule in normal form, borrowing its text.
    pub(super) fn normal(&self) -> Normal<&str> {
        Normal::of(&self.root)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.normal().fmt(f)
    }
}

/// Rules in code: the same language as the attribute, asked of claims at hand.
impl Claims {
    /// Returns whether the token satisfies a rule, without allocating.
    #[must_use]
    pub fn has(&self, requirement: &Requirement) -> bool {
        tree::holds(&requirement.root, self)
    }

    /// Demands that the token satisfies a rule.
    ///
    /// # Errors
    /// [`Denied`], which says what is missing.
    pub fn require(&self, requirement: &Requirement) -> Result<(), Denied> {
        requirement.decide(self).into_result()
    }
}

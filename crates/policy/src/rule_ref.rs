//! A borrowed rule: a tree of constants, or the normal form of a text.

use super::decision::Decision;
use super::denied::Denied;
use super::explain::explain;
use super::facts::Facts;
use super::normal::Normal;
use super::tree::{self, Node, Outcome};

/// A borrowed rule.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
#[expect(unnameable_types, reason = "only the trait that seals the traits of rules mentions it")]
pub struct RuleRef<'a>(Stored<'a>);

#[derive(Clone, Copy, Debug)]
enum Stored<'a> {
    Constant(&'a Node),
    Text(&'a Normal<String>),
}

impl<'a> RuleRef<'a> {
    pub(super) const fn constant(root: &'a Node) -> Self {
        Self(Stored::Constant(root))
    }

    pub(super) const fn text(root: &'a Normal<String>) -> Self {
        Self(Stored::Text(root))
    }

    /// Evaluates the rule as far as the facts are known.
    #[must_use]
    pub fn outcome(self, facts: &impl Facts) -> Outcome {
        match self.0 {
            Stored::Constant(root) => tree::outcome(root, facts),
            Stored::Text(root) => tree::outcome(root, facts),
        }
    }

    /// Explains why the rule does not hold.
    #[must_use]
    pub fn denied(self, facts: &impl Facts) -> Denied {
        match self.0 {
            Stored::Constant(root) => explain(&Normal::of(root), facts),
            Stored::Text(root) => explain(root, facts),
        }
    }

    /// Decides the rule by these facts alone. Only a refusal is explained.
    pub(super) fn decide(self, facts: &impl Facts) -> Decision {
        match self.outcome(facts) {
            Outcome::Holds => Decision::Allow,
            Outcome::Fails | Outcome::Open(_) => Decision::Deny(self.denied(facts)),
        }
    }
}

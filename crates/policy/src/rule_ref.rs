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
pub struct RuleRef<'a>(Root<'a>);

/// The two forms in which a rule is kept.
#[derive(Clone, Copy, Debug)]
enum Root<'a> {
    Constant(&'a Node),
    Normal(&'a Normal<String>),
}

impl<'a> RuleRef<'a> {
    pub(super) const fn constant(root: &'a Node) -> Self {
        Self(Root::Constant(root))
    }

    pub(super) const fn normal(root: &'a Normal<String>) -> Self {
        Self(Root::Normal(root))
    }

    /// Evaluates the rule as far as the facts are known.
    #[must_use]
    pub fn outcome(self, facts: &impl Facts) -> Outcome {
        match self.0 {
            Root::Constant(root) => tree::outcome(root, facts),
            Root::Normal(root) => tree::outcome(root, facts),
        }
    }

    /// Explains why the rule does not hold.
    #[must_use]
    pub fn denied(self, facts: &impl Facts) -> Denied {
        match self.0 {
            Root::Constant(root) => explain(&Normal::of(root), facts),
            Root::Normal(root) => explain(root, facts),
        }
    }

    /// Decides the rule by these facts alone: a rule that is still open is refused. Only a refusal is explained.
    pub(super) fn decide(self, facts: &impl Facts) -> Decision {
        match self.outcome(facts) {
            Outcome::Holds => Decision::Allow,
            Outcome::Fails | Outcome::Open(_) => Decision::Deny(self.denied(facts)),
        }
    }
}

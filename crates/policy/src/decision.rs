//! The decision of a rule: allow or deny.

use super::denied::Denied;

/// The decision of a rule for one token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a decision that nobody looks at protects nothing"]
#[expect(clippy::exhaustive_enums, reason = "a caller who must add a `_` arm might let the rest through")]
pub enum Decision {
    /// The token satisfies the rule.
    Allow,
    /// The token does not satisfy the rule, or the facts that would decide are unknown.
    Deny(Denied),
}

impl Decision {
    /// Returns `true` if the token satisfies the rule.
    #[must_use]
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow)
    }

    /// Turns the decision into a result, for `?`.
    ///
    /// # Errors
    /// The refusal, if the decision is [`Deny`](Self::Deny).
    pub fn into_result(self) -> Result<(), Denied> {
        match self {
            Self::Allow => Ok(()),
            Self::Deny(denied) => Err(denied),
        }
    }
}

//! The standing of facts about a caller: held, lacked or unknown.

use super::fact::Leaf;
use super::kinds::Kind;

/// The standing of one fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The caller is known to hold the fact.
    Held,
    /// The caller is known to lack the fact.
    Lacking,
    /// The claim is malformed, or it is the opt-in `roles` claim and absent. The fact satisfies neither `x` nor `not(x)`.
    Unknown,
    /// The flag has a value of another JSON type than the rule compares with. Evaluated as `Unknown`, explained otherwise.
    Incomparable,
    /// Only Kinde knows the fact, and Kinde has not been asked about facts of this kind.
    Unasked(Kind),
}

impl Standing {
    /// Returns `Held` if `held`, else `Lacking`.
    #[must_use]
    pub fn known(held: bool) -> Self {
        if held { Self::Held } else { Self::Lacking }
    }
}

impl From<bool> for Standing {
    fn from(held: bool) -> Self {
        Self::known(held)
    }
}

/// The reason why the facts of a claim are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ClaimFault {
    /// The token does not carry the claim. Only `roles` is unknown when absent, as Kinde puts it in tokens on request. Any
    /// other absent claim holds nothing.
    Absent,
    /// The claim has the wrong type, or one of its elements has.
    Malformed,
    /// Only Kinde knows, and Kinde was not asked: the rule was decided from the token alone, or the token belongs to a
    /// machine, which has no account.
    NotAsked,
}

/// Facts of a caller: those of a token, or of a token together with answers of the Account API.
#[doc(hidden)]
pub trait Facts {
    /// Returns the standing of a leaf.
    fn standing(&self, leaf: &Leaf<'_>) -> Standing;

    /// Returns the reason why the standing of a leaf is unknown.
    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault;
}

//! Facts about a caller: held, lacked or unknown.

use super::fact::Leaf;
use super::kinds::Kind;

/// Whether one thing is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The token is known to hold it.
    Held,
    /// The token is known to lack it.
    Lacking,
    /// The claim is malformed, or is the opt-in `roles` claim and absent: nothing is held, nothing can be negated.
    Unknown,
    /// The flag has a value of another JSON type than the rule compares with: as unknown as that, for another reason.
    Incomparable,
    /// Only Kinde can tell, and has not been asked.
    Unasked(Kind),
}

impl Standing {
    /// Returns `Held` or `Lacking`.
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

/// Why nothing is known about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ClaimFault {
    /// The token does not carry it. Only `roles` is then unknown: Kinde puts it in tokens on request.
    Absent,
    /// It has the wrong type, or one of its elements has.
    Malformed,
    /// Only Kinde can tell, and was not asked: the rule was decided from the token alone, or the token is a machine's,
    /// which has no account.
    NotAsked,
}

/// Knows which facts a caller holds: a token does, and so does a token together with answers of the Account API.
#[doc(hidden)]
pub trait Facts {
    /// Whether one thing is held.
    fn standing(&self, leaf: &Leaf<'_>) -> Standing;

    /// Why the standing of a leaf is unknown.
    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault;
}

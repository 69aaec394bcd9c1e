//! The refusal of a token by the present keys.

use crate::rejection::VerifyError;
use crate::token::{TokenError, Unverified};

/// The refusal of a token, pending or final.
pub(crate) enum Refusal<'t> {
    Final(VerifyError),
    /// A fetch may bring the key that verifies the token.
    Pending(Box<Pending<'t>>),
}

/// A verification that waits for a key.
pub(crate) struct Pending<'t> {
    pub(super) token: &'t str,
    pub(super) unverified: Unverified<'t>,
    /// The generation of the key that did not verify the signature; `None` if there was no key of this id.
    pub(super) failed_generation: Option<u64>,
}

impl<'t> Pending<'t> {
    /// Refuses a token until a fetch has ended.
    pub(super) fn refuse(
        token: &'t str,
        unverified: Unverified<'t>,
        failed_generation: Option<u64>,
    ) -> Refusal<'t> {
        Refusal::Pending(Box::new(Self { token, unverified, failed_generation }))
    }
}

impl From<VerifyError> for Refusal<'_> {
    fn from(error: VerifyError) -> Self {
        Self::Final(error)
    }
}

impl From<TokenError> for Refusal<'_> {
    fn from(error: TokenError) -> Self {
        Self::Final(error.into())
    }
}

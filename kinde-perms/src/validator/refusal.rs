//! Why a token is refused with the keys at hand.

use crate::rejection::VerifyError;
use crate::token::{TokenError, Unverified};

/// Why a token is refused, for now or for good.
pub(crate) enum Refusal<'t> {
    Final(VerifyError),
    /// A fetch may bring a key that makes the token good.
    Pending(Box<Pending<'t>>),
}

/// A verification that lacks a key, and what was read for it.
pub(crate) struct Pending<'t> {
    pub(super) token: &'t str,
    pub(super) unverified: Unverified<'t>,
    /// The generation of the key that the token names, if its signature does not fit that key.
    pub(super) misfit: Option<u64>,
}

impl<'t> Pending<'t> {
    /// Refuses a token until a fetch has ended.
    pub(super) fn refuse(token: &'t str, unverified: Unverified<'t>, misfit: Option<u64>) -> Refusal<'t> {
        Refusal::Pending(Box::new(Self { token, unverified, misfit }))
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

//! What stands for a token where the token itself must not be kept.

use super::signature::sha256;

/// The digest of a token: equal only for the same token, and of no use to whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(token: &str) -> Self {
        Self(sha256(token.as_bytes()))
    }
}

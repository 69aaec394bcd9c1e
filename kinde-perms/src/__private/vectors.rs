//! The signature layer by itself, for published test vectors whose payloads are no claims.
//!
//! Nothing here is used to judge a request. The steps are the validator's own, so that what the vectors show of these
//! functions holds for it too.

use std::sync::Arc;

use crate::jwks::document;
use crate::token::{Algorithm, Key, Keys, TokenError, Unverified};

/// Verifies the form, the header and the signature of a token, and returns its payload.
///
/// # Errors
/// What a validator would refuse the token with before it reads the claims; a key set without a usable key holds no
/// key that a token could name.
pub fn verify_jws(token: &str, key_set: &str, allowed: &[Algorithm]) -> Result<String, TokenError> {
    let unverified = Unverified::parse(token, allowed, None)?;
    let keys = read(key_set, allowed).ok_or(TokenError::UnknownKey)?;
    let entry = keys.get(unverified.kid()).ok_or(TokenError::UnknownKey)?;
    unverified.verify(entry.key()).map(|(payload, _)| payload).map_err(|(error, _)| error)
}

/// The one usable key of a key set, for signatures that stand in no token.
#[derive(Clone, Debug)]
pub struct PublicKey(Arc<Key>);

impl PublicKey {
    /// Reads a JWK Set; `None` unless exactly one of its keys is usable for one of the `allowed` algorithms.
    #[must_use]
    pub fn from_key_set(key_set: &str, allowed: &[Algorithm]) -> Option<Self> {
        let keys = read(key_set, allowed)?;
        let mut entries = keys.iter();
        match (entries.next(), entries.next()) {
            (Some((_, entry)), None) => Some(Self(Arc::clone(entry.key()))),
            _ => None,
        }
    }

    /// Tells whether this is the key's signature of `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(message, signature)
    }
}

fn read(key_set: &str, allowed: &[Algorithm]) -> Option<Keys> {
    document::read(key_set.as_bytes(), allowed, &Keys::default()).ok().map(|set| set.keys)
}

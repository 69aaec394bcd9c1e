//! Verifies a token: from bytes, keys and the time to claims. This module is pure, without I/O and without a clock.

mod algorithm;
mod error;
mod jws;
pub(crate) mod keys;
mod modulus;
mod rules;
pub(crate) mod signature;

#[cfg(test)]
mod tests;

pub use self::algorithm::Algorithm;
pub use self::error::TokenError;

pub(crate) use self::algorithm::Family;
pub(crate) use self::jws::{MAX_TOKEN_BYTES, Signed, Unverified};
pub(crate) use self::keys::{KeyEntry, Keys};
pub(crate) use self::rules::Rules;
pub(crate) use self::signature::{Digest, Key, KeyRefused};

//! The error of a refused token.

use std::error::Error;
use std::fmt;

use crate::claims::{ClaimError, Purpose};

/// An access token is refused; becomes a 401.
///
/// The checks run in the order of the variants: form, header, key, signature, type, issuer, time, client, audience. No
/// variant carries text of the token, so every error may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenError {
    /// It is longer than 16 KiB, or its header than 2 KiB.
    TooLarge,
    /// It is not three canonical base64url parts around strict JSON objects (RFC 7515 §5.2).
    Malformed,
    /// A header member is not supported: `crit`, `b64`, `typ`, `cty` or `zip`.
    UnsupportedHeader(&'static str),
    /// Its `alg` is not in the allow-list.
    AlgorithmNotAllowed,
    /// Its header has no `kid`, or one that is empty or too long.
    MissingKeyId,
    /// Its `kid` is not in the issuer's key set.
    UnknownKey,
    /// Its `alg` is not the algorithm of its key.
    AlgorithmMismatch,
    /// Its signature does not verify.
    InvalidSignature,
    /// It is an ID token: it has `at_hash`, `c_hash` or `nonce`.
    IdToken,
    /// It is the body of a webhook.
    Webhook,
    /// It is bound to a key or a certificate (`cnf`). A plain bearer request does not prove the possession of it.
    BoundToken,
    /// A required claim is absent.
    MissingClaim(&'static str),
    /// A registered claim has the wrong JSON type or is out of range.
    InvalidClaim(&'static str),
    /// Its `iss` is not the configured issuer.
    WrongIssuer,
    /// Its `exp` has passed.
    Expired,
    /// Its `nbf` is in the future.
    NotYetValid,
    /// Its `iat` is in the future.
    IssuedInFuture,
    /// Its lifetime, from `iat` to `exp`, is longer than allowed.
    LifetimeTooLong,
    /// Its `azp` is not an allowed client.
    ClientNotAllowed,
    /// Its `aud` does not name this API.
    WrongAudience,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::TooLarge => "token is longer than 16 KiB, or its header than 2 KiB",
            Self::Malformed => "token is not a well-formed JWS",
            Self::UnsupportedHeader(name) => {
                return write!(f, "token header member `{name}` is not supported");
            }
            Self::AlgorithmNotAllowed => "token algorithm is not allowed",
            Self::MissingKeyId => "token header has no usable `kid`",
            Self::UnknownKey => "token is signed with a key that the issuer does not publish",
            Self::AlgorithmMismatch => "token algorithm is not the one its key is for",
            Self::InvalidSignature => "token signature does not verify",
            Self::IdToken => "token is an ID token, not an access token",
            Self::Webhook => "token is a webhook body, not an access token",
            Self::BoundToken => "token is bound to a key and cannot be used as a plain bearer token",
            Self::MissingClaim(name) => return write!(f, "token has no `{name}` claim"),
            Self::InvalidClaim(name) => return write!(f, "token claim `{name}` has the wrong type or range"),
            Self::WrongIssuer => "token was issued by another issuer",
            Self::Expired => "token has expired",
            Self::NotYetValid => "token is not valid yet",
            Self::IssuedInFuture => "token was issued in the future",
            Self::LifetimeTooLong => "token lives longer than allowed",
            Self::ClientNotAllowed => "token was issued to a client that is not allowed",
            Self::WrongAudience => "token was issued for another audience",
        };
        f.write_str(text)
    }
}

impl Error for TokenError {}

impl From<ClaimError> for TokenError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::NotAnObject => Self::Malformed,
            ClaimError::Missing(name) => Self::MissingClaim(name),
            ClaimError::Invalid(name) => Self::InvalidClaim(name),
            ClaimError::Purpose(Purpose::Webhook) => Self::Webhook,
            ClaimError::Purpose(Purpose::Bound) => Self::BoundToken,
            ClaimError::Purpose(Purpose::Identity | Purpose::Access) => Self::IdToken,
        }
    }
}

//! The error of fetching and parsing the issuer's keys.

use std::error::Error;
use std::fmt;

use crate::printable::Printable;

/// The issuer's keys could not be fetched or used.
///
/// This is never the fault of a token or of its bearer: a request that needs the keys is answered with 503, not with 401.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// There was no connection, or it broke before the response was complete; with the message of the operating system or
    /// of TLS.
    Connection(String),
    /// There was no complete response within the time limit.
    TimedOut,
    /// The issuer answered with this HTTP status.
    Status(u16),
    /// The issuer answered with a redirection, which is never followed: it could lead to the keys of another party.
    Redirected,
    /// The response is larger than 512 KiB.
    TooLarge,
    /// The response is not a JWK Set (RFC 7517 §5).
    NotAKeySet,
    /// The key set has more than 100 members.
    TooManyKeys,
    /// The key set holds no key that could verify a token; a `key_skipped` event for each key has the reason.
    NoUsableKey,
    /// The discovery document is not a JSON object with `issuer` and `jwks_uri`.
    NotADiscoveryDocument,
    /// The discovery document is that of another issuer (OpenID Connect Discovery §4.3).
    IssuerMismatch,
    /// An address is not an absolute URL or has credentials, or the issuer has a query or a fragment.
    InvalidUrl,
    /// An address is plain `http` and not on loopback.
    InsecureUrl,
    /// The discovery document names a key set on another host than the issuer's.
    ForeignKeySet,
    /// TLS could not be set up; with the reason.
    Tls(String),
    /// The token's key is unknown, and the budget of fetches for unknown keys is spent. The known keys are good.
    Busy,
    /// A custom [`KeySource`](crate::keys::KeySource) failed.
    Source(String),
    /// The refresh was shut down, or there is no Tokio runtime to run it.
    Stopped,
}

impl KeyError {
    /// Returns `true` if the same attempt may succeed later without a change of this program's settings.
    ///
    /// Start-up tries again after such an error only. The background refresh tries again after every error, because the
    /// issuer's operator may correct the mistake.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500..),
            Self::Connection(_) | Self::TimedOut | Self::NotAKeySet | Self::NoUsableKey | Self::Source(_) => {
                true
            }
            _ => false,
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(reason) => write!(f, "no connection to the issuer: {}", Printable(reason)),
            Self::Status(status) => write!(f, "the issuer answered with status {status}"),
            Self::Tls(reason) => write!(f, "TLS could not be set up: {}", Printable(reason)),
            Self::Source(reason) => write!(f, "the key source failed: {}", Printable(reason)),
            fixed => f.write_str(fixed.text()),
        }
    }
}

impl KeyError {
    /// Returns a short, stable name of the error, which metrics use as a label.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connection(_) => "connection",
            Self::TimedOut => "timed_out",
            Self::Status(_) => "status",
            Self::Redirected => "redirected",
            Self::TooLarge => "too_large",
            Self::NotAKeySet => "not_a_key_set",
            Self::TooManyKeys => "too_many_keys",
            Self::NoUsableKey => "no_usable_key",
            Self::NotADiscoveryDocument => "not_a_discovery_document",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::InvalidUrl => "invalid_url",
            Self::InsecureUrl => "insecure_url",
            Self::ForeignKeySet => "foreign_key_set",
            Self::Tls(_) => "tls",
            Self::Busy => "busy",
            Self::Source(_) => "source",
            Self::Stopped => "stopped",
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::TimedOut => "the issuer did not answer in time",
            Self::Redirected => "the issuer answered with a redirection",
            Self::TooLarge => "the issuer's answer is larger than 512 KiB",
            Self::NotAKeySet => "the issuer's answer is not a JSON Web Key Set",
            Self::TooManyKeys => "the key set has more than 100 keys",
            Self::NoUsableKey => "the key set holds no usable key",
            Self::NotADiscoveryDocument => "the discovery document lacks `issuer` or `jwks_uri`",
            Self::IssuerMismatch => "the discovery document is that of another issuer",
            Self::InvalidUrl => "the address of the issuer or of its key set is not acceptable",
            Self::InsecureUrl => "plain http is accepted on loopback only",
            Self::Busy => "the issuer cannot be asked about another key just now",
            Self::ForeignKeySet => {
                "the discovery document names a key set on another host: if it is to be trusted, set `jwks_url`"
            }
            _ => "the refresh of the keys is not running",
        }
    }
}

impl Error for KeyError {}

#[cfg(test)]
mod tests;

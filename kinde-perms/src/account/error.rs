//! Why Kinde did not say.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::jwks::KeyError;
use crate::printable::Printable;

/// Why Kinde's Account API gave no answer that can be used; becomes a 503.
///
/// It is neither a grant nor a refusal: what the user may do is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiveError {
    /// No connection, or it broke before the answer was complete; with the reason.
    Connection(String),
    /// No complete answer within the time limit.
    TimedOut,
    /// Kinde answered with this HTTP status; redirections are not followed.
    Status(u16),
    /// A page is larger than 512 KiB.
    TooLarge,
    /// There are more than 20 pages.
    TooManyPages,
    /// The answer is not of the form that Kinde documents.
    Malformed,
    /// Too many different tokens wait for an answer.
    Overloaded,
}

impl LiveError {
    /// Returns when asking again may help; sent as `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        Duration::from_secs(5)
    }
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(reason) => write!(f, "no connection to the account api: {}", Printable(reason)),
            Self::TimedOut => f.write_str("the account api did not answer in time"),
            Self::Status(status) => write!(f, "the account api answered with status {status}"),
            Self::TooLarge => f.write_str("a page of the account api is larger than 512 KiB"),
            Self::TooManyPages => f.write_str("the account api has more than 20 pages"),
            Self::Malformed => f.write_str("the account api's answer has not the documented form"),
            Self::Overloaded => f.write_str("too many tokens wait for the account api"),
        }
    }
}

impl Error for LiveError {}

/// The transport is shared with the fetching of keys, and so are its errors.
impl From<KeyError> for LiveError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Connection(reason) => Self::Connection(reason),
            KeyError::TimedOut => Self::TimedOut,
            KeyError::Status(status) => Self::Status(status),
            KeyError::Redirected => Self::Status(302),
            KeyError::TooLarge => Self::TooLarge,
            other => Self::Connection(other.to_string()),
        }
    }
}

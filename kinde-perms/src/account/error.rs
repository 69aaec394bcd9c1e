//! The error of a call to the Account API.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::breaker::{CallOutcome, FIRST_WAIT};
use crate::jwks::KeyError;
use crate::printable::Printable;

/// The Account API gave no usable answer; becomes a 503.
///
/// This is neither a grant nor a refusal: the rights of the user are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveError {
    kind: LiveErrorKind,
    retry_after: Option<Duration>,
}

/// Why the Account API gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiveErrorKind {
    /// There was no connection, or it broke before the answer was complete; with the reason.
    Connection(String),
    /// There was no complete answer within the time limit.
    TimedOut,
    /// Kinde answered with this HTTP status; redirections are not followed.
    Status(u16),
    /// A page is larger than 512 KiB.
    TooLarge,
    /// There are more than 20 pages.
    TooManyPages,
    /// The answer does not have the form that Kinde documents.
    Malformed,
    /// Too many calls are queued, or this one waited in the queue for too long.
    Overloaded,
    /// Kinde was not called, because it failed or limited the rate of calls a short time ago.
    Paused,
}

impl LiveError {
    pub(super) fn new(kind: LiveErrorKind) -> Self {
        Self { kind, retry_after: None }
    }

    /// Sets the wait: the one that Kinde announced, or the rest of it.
    pub(super) fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    /// Returns why there is no answer.
    #[must_use]
    pub fn kind(&self) -> &LiveErrorKind {
        &self.kind
    }

    /// Returns the time after which Kinde may be called again, 5 s by default; sent as `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.retry_after.unwrap_or(FIRST_WAIT)
    }

    /// Returns the outcome of the call for the circuit breakers.
    pub(super) fn outcome(&self) -> CallOutcome {
        match self.kind {
            LiveErrorKind::Status(429) => CallOutcome::RateLimited(self.retry_after),
            LiveErrorKind::Status(408)
            | LiveErrorKind::Connection(_)
            | LiveErrorKind::TimedOut
            | LiveErrorKind::Malformed => CallOutcome::Failed(self.retry_after),
            LiveErrorKind::Status(400..=499) | LiveErrorKind::TooLarge | LiveErrorKind::TooManyPages => {
                CallOutcome::Answered
            }
            LiveErrorKind::Status(_) => CallOutcome::Failed(self.retry_after),
            LiveErrorKind::Overloaded | LiveErrorKind::Paused => CallOutcome::Abandoned,
        }
    }
}

impl LiveErrorKind {
    /// Returns a short, stable name of the kind, which metrics use as a label.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connection(_) => "connection",
            Self::TimedOut => "timed_out",
            Self::Status(_) => "status",
            Self::TooLarge => "too_large",
            Self::TooManyPages => "too_many_pages",
            Self::Malformed => "malformed",
            Self::Overloaded => "overloaded",
            Self::Paused => "paused",
        }
    }
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Display for LiveErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(reason) => write!(f, "no connection to the account api: {}", Printable(reason)),
            Self::TimedOut => f.write_str("the account api did not answer in time"),
            Self::Status(status) => write!(f, "the account api answered with status {status}"),
            Self::TooLarge => f.write_str("a page of the account api is larger than 512 KiB"),
            Self::TooManyPages => f.write_str("the account api has more than 20 pages"),
            Self::Malformed => f.write_str("the account api's answer does not have the documented form"),
            Self::Overloaded => f.write_str("too many calls to the account api are waiting"),
            Self::Paused => {
                f.write_str("calls to the account api are paused, because it failed or limited their rate")
            }
        }
    }
}

impl Error for LiveError {}

impl From<LiveErrorKind> for LiveError {
    fn from(kind: LiveErrorKind) -> Self {
        Self::new(kind)
    }
}

/// The HTTP client is shared with the key source, and so are its errors.
impl From<KeyError> for LiveErrorKind {
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

//! Rejections: the reason why a request is refused, and the settings of its response.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

#[cfg(feature = "account-api")]
use crate::account::LiveError;
use crate::jwks::KeyError;
use crate::meter;
use crate::policy::Denied;
use crate::printable::Printable;
use crate::token::TokenError;

/// The target of the events, which is stable.
const TARGET: &str = "kinde_perms::rejection";

/// The error of a verification: the reason why a token has no claims.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is at fault; becomes a 401.
    Token(TokenError),
    /// The key is not available; becomes a 503, never a 401.
    Keys {
        /// The error of the keyring.
        error: KeyError,
        /// The time after which a retry may succeed.
        retry_after: Duration,
    },
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Keys { error, .. } => write!(f, "token cannot be verified: {error}"),
        }
    }
}

impl Error for VerifyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Token(_) => None,
            Self::Keys { error, .. } => Some(error),
        }
    }
}

impl From<TokenError> for VerifyError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

/// The reason why a request is refused.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// There is no Authorization header, or it uses another scheme than Bearer.
    NoCredentials,
    /// The Authorization header is malformed, or there are two.
    InvalidRequest,
    /// The token is not valid.
    Token(TokenError),
    /// The token is valid and the rule does not hold.
    Denied(Denied),
    /// A check does not allow this for this resource.
    CheckDenied {
        /// The check's module path and name.
        check: &'static str,
    },
    /// A check finds no such resource for this caller.
    CheckNotFound {
        /// The check's module path and name.
        check: &'static str,
    },
    /// A check failed.
    CheckFailed {
        /// The check's module path and name.
        check: &'static str,
        /// The error and its causes, for the log only.
        error: String,
    },
    /// An extractor of a check rejected the request. The extractor's own response is sent, so only the observer, the log and
    /// the metrics see this reason.
    CheckRejected {
        /// The check's module path and name.
        check: &'static str,
        /// The status of the extractor's response.
        status: StatusCode,
    },
    /// The key is not available.
    Keys {
        /// The error of the keyring.
        error: KeyError,
        /// The time after which a retry may succeed; sent as `Retry-After`.
        retry_after: Duration,
    },
    /// The rule asks Kinde, and Kinde gave no answer.
    #[cfg(feature = "account-api")]
    Live(LiveError),
}

#[cfg(feature = "account-api")]
impl From<LiveError> for Reason {
    fn from(error: LiveError) -> Self {
        Self::Live(error)
    }
}

impl Reason {
    /// Returns the time after which a retry may succeed; `None` if the caller is at fault.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        /// A guess: the error of a check does not say how long the failure lasts.
        const AFTER_A_FAILED_CHECK: Duration = Duration::from_secs(5);
        match self {
            Self::Keys { retry_after, .. } => Some(*retry_after),
            Self::CheckFailed { .. } => Some(AFTER_A_FAILED_CHECK),
            #[cfg(feature = "account-api")]
            Self::Live(error) => Some(error.retry_after()),
            _ => None,
        }
    }
}

impl From<VerifyError> for Reason {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Token(error) => Self::Token(error),
            VerifyError::Keys { error, retry_after } => Self::Keys { error, retry_after },
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCredentials => f.write_str("request carries no bearer token"),
            Self::InvalidRequest => {
                f.write_str("authorization header does not hold exactly one bearer token")
            }
            Self::Token(error) => error.fmt(f),
            Self::Denied(denied) => denied.fmt(f),
            Self::CheckDenied { check } => write!(f, "check `{check}` denies it"),
            Self::CheckNotFound { check } => write!(f, "check `{check}` finds no such resource"),
            Self::CheckFailed { check, error } => write!(f, "check `{check}` failed: {}", Printable(error)),
            Self::CheckRejected { check, status } => {
                write!(f, "an extractor of check `{check}` rejects it with {}", status.as_u16())
            }
            Self::Keys { error, .. } => write!(f, "token cannot be verified: {error}"),
            #[cfg(feature = "account-api")]
            Self::Live(error) => write!(f, "rule cannot be decided: {error}"),
        }
    }
}

/// A refused request: the reason, and the response that the validator's configuration gives it.
///
/// Guards and extractors return it, so a handler that takes `Result<Claims, Rejection>` can return it unchanged.
/// Each rejection is recorded as one `tracing` event, `refused` of the target `kinde_perms::rejection`, with the fields `code`,
/// `status` and `reason`. The response is RFC 6750's challenge with an RFC 9457 body:
///
/// | [`Reason`] | [`status`](Self::status) | `WWW-Authenticate: Bearer` | `error` in the body | [`code`](Self::code) |
/// |---|---|---|---|---|
/// | `NoCredentials` | 401 | without a parameter | `Missing bearer token` | `missing_token` |
/// | `InvalidRequest` | 400 | `error="invalid_request"` | `Invalid request` | `invalid_request` |
/// | `Token` | 401 | `error="invalid_token"` | `Invalid token` | `invalid_token`, `expired_token` |
/// | `Token(WrongAudience)` | 401 | `error="invalid_token"` | `Invalid audience` | `invalid_audience` |
/// | `Denied` | 403 | `error="insufficient_scope", scope="…"` | `Forbidden` | `forbidden` |
/// | `CheckDenied` | 403 | `error="insufficient_scope"` | `Forbidden` | `forbidden_resource` |
/// | `CheckNotFound` | 404 | none | `Not found` | `not_found` |
/// | `CheckFailed` | 503, `Retry-After` | none | `Token validation failed` | `check_failed` |
/// | `CheckRejected` | the extractor's | the extractor's | the extractor's body | `check_rejected` |
/// | `Keys` | 503, `Retry-After` | none | `Token validation failed` | `keys_unavailable` |
/// | `Live` (feature `account-api`) | 503, `Retry-After` | none | `Token validation failed` | `live_check_unavailable` |
#[derive(Clone)]
pub struct Rejection {
    reason: Reason,
    response_settings: Arc<ResponseSettings>,
}

impl Rejection {
    pub(crate) fn new(reason: Reason, response_settings: &Arc<ResponseSettings>) -> Self {
        Self { reason, response_settings: Arc::clone(response_settings) }
    }

    /// Counts the rejection and emits one event at the level DEBUG, because any caller can cause rejections. The keyring
    /// reports missing keys itself, once.
    pub(crate) fn record(&self) {
        let (reason, code, status) = (&self.reason, self.code(), self.status().as_u16());
        meter::refused(code);
        tracing::debug!(name: "refused", target: TARGET, code, status, %reason, "request refused");
    }

    /// Returns the same rejection with the default response.
    pub(crate) fn without_responder(&self) -> Self {
        let response_settings =
            ResponseSettings { responder: None, ..ResponseSettings::clone(&self.response_settings) };
        Self { reason: self.reason.clone(), response_settings: Arc::new(response_settings) }
    }

    pub(crate) fn response_settings(&self) -> &ResponseSettings {
        &self.response_settings
    }

    /// Returns `true` if the validator with these settings created the rejection.
    #[cfg(feature = "axum")]
    pub(crate) fn was_created_with(&self, response_settings: &Arc<ResponseSettings>) -> bool {
        Arc::ptr_eq(&self.response_settings, response_settings)
    }

    /// Returns the reason.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.reason {
            Reason::NoCredentials | Reason::Token(_) => StatusCode::UNAUTHORIZED,
            Reason::InvalidRequest => StatusCode::BAD_REQUEST,
            Reason::Denied(_) | Reason::CheckDenied { .. } => StatusCode::FORBIDDEN,
            Reason::CheckNotFound { .. } => StatusCode::NOT_FOUND,
            Reason::CheckRejected { status, .. } => status,
            Reason::CheckFailed { .. } | Reason::Keys { .. } => StatusCode::SERVICE_UNAVAILABLE,
            #[cfg(feature = "account-api")]
            Reason::Live(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the stable code of the response's body, one of the closed set in the table above.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::NoCredentials => "missing_token",
            Reason::InvalidRequest => "invalid_request",
            Reason::Token(TokenError::WrongAudience) => "invalid_audience",
            Reason::Token(TokenError::Expired) => "expired_token",
            Reason::Token(_) => "invalid_token",
            Reason::Denied(_) => "forbidden",
            Reason::CheckDenied { .. } => "forbidden_resource",
            Reason::CheckNotFound { .. } => "not_found",
            Reason::CheckFailed { .. } => "check_failed",
            Reason::CheckRejected { .. } => "check_rejected",
            Reason::Keys { .. } => "keys_unavailable",
            #[cfg(feature = "account-api")]
            Reason::Live(_) => "live_check_unavailable",
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejection").field(&self.reason).finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl Error for Rejection {}

/// A function that may replace the response of a rejection.
pub(crate) type Responder = dyn Fn(&Rejection) -> Option<http::Response<Bytes>> + Send + Sync;

/// The settings of a validator for the responses to rejections.
#[derive(Clone, Default)]
pub(crate) struct ResponseSettings {
    pub(crate) hide_missing: bool,
    pub(crate) hide_scope: bool,
    pub(crate) responder: Option<Arc<Responder>>,
}

impl fmt::Debug for ResponseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseSettings")
            .field("hide_missing", &self.hide_missing)
            .field("hide_scope", &self.hide_scope)
            .field("responder", &self.responder.is_some())
            .finish()
    }
}

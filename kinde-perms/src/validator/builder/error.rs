//! Errors in settings.

use std::error::Error;
use std::fmt;

use crate::jwks::KeyError;

/// A start-up error: a setting that is missing or wrong, or keys that cannot be fetched.
///
/// The text is one sentence, which names the setting, for the person who starts the program. `Debug` writes the same sentence,
/// because Rust prints the `Debug` form of an error that `main` returns.
#[derive(Clone, PartialEq)]
pub struct ConfigError {
    setting: &'static str,
    kind: ConfigErrorKind,
}

/// The kind of a [`ConfigError`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// The setting is missing, under all of its names.
    Missing,
    /// The setting is empty.
    Empty,
    /// The setting is not valid Unicode.
    NotUnicode,
    /// The setting is not a usable URL, for this reason.
    InvalidUrl(&'static str),
    /// The URL is plain http, and its host is not a loopback address.
    InsecureUrl,
    /// An audience is the URL of an issuer. The builder takes the issuer first, then the API's identifier.
    IssuerAsAudience,
    /// The setting is outside of this range.
    OutOfRange(&'static str),
    /// The setting cannot be combined with this other setting.
    Conflict(&'static str),
    /// The crate was built without `jwks-http`, and no source of keys was given.
    NoKeySource,
    /// The issuer's keys cannot be fetched, or are not usable.
    Keys(KeyError),
}

impl ConfigError {
    pub(crate) fn new(setting: &'static str, kind: ConfigErrorKind) -> Self {
        Self { setting, kind }
    }

    /// Returns the name of the setting: an environment variable, or an argument of the builder.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> &ConfigErrorKind {
        &self.kind
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = self.setting;
        match &self.kind {
            ConfigErrorKind::Missing => write!(f, "{setting} is not set"),
            ConfigErrorKind::Empty => write!(f, "{setting} is empty"),
            ConfigErrorKind::NotUnicode => write!(f, "{setting} is not valid Unicode"),
            ConfigErrorKind::InvalidUrl(reason) => write!(f, "{setting} is not a usable URL: {reason}"),
            ConfigErrorKind::InsecureUrl => {
                write!(f, "{setting} must use https; plain http is for loopback addresses only")
            }
            ConfigErrorKind::IssuerAsAudience => {
                write!(f, "{setting} is an issuer's address; it must be the API's identifier")
            }
            ConfigErrorKind::OutOfRange(range) => write!(f, "{setting} is out of range: {range}"),
            ConfigErrorKind::Conflict(other) => write!(f, "{setting} has no meaning beside {other}"),
            ConfigErrorKind::NoKeySource => {
                write!(f, "the keys of {setting} need the feature `jwks-http`, or a `key_source`")
            }
            ConfigErrorKind::Keys(error) => write!(f, "the keys of {setting} cannot be used: {error}"),
        }
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            ConfigErrorKind::Keys(error) => Some(error),
            _ => None,
        }
    }
}

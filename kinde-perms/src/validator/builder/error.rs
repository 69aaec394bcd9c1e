//! What is wrong with the settings, for the person who starts the program.

use std::error::Error;
use std::fmt;

use crate::jwks::KeyError;

/// A start-up error: a setting that is missing or wrong, or keys that cannot be fetched.
///
/// Its text is one sentence that names the setting; it is meant for the person who starts the program. `Debug` is the same
/// sentence, as that is what a `main` prints that returns the error.
#[derive(Clone, PartialEq)]
pub struct ConfigError {
    setting: &'static str,
    kind: ConfigErrorKind,
}

/// What is wrong with a setting.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// It is not set, nor is any of its other names.
    Missing,
    /// It is set and empty.
    Empty,
    /// It is not valid Unicode.
    NotUnicode,
    /// It is not a URL; the reason says what is wrong with it.
    InvalidUrl(&'static str),
    /// It is plain http, and the host is not a loopback address.
    InsecureUrl,
    /// An audience is the address of an issuer: the issuer is the first argument, the API's identifier the second.
    IssuerAsAudience,
    /// It is out of range; the text says which range is meant.
    OutOfRange(&'static str),
    /// It does not go together with another setting, which the text names.
    Conflict(&'static str),
    /// The crate was built without `jwks-http`, and no source of keys was given.
    NoKeySource,
    /// The keys of the issuer cannot be fetched, or are not usable.
    Keys(KeyError),
}

impl ConfigError {
    pub(crate) fn new(setting: &'static str, kind: ConfigErrorKind) -> Self {
        Self { setting, kind }
    }

    /// Returns the name of the setting: of the environment variable, or of the builder's argument.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// Returns what is wrong with it.
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

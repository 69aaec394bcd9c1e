//! Users and machines.

use std::fmt;

/// The principal that a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Principal {
    /// A person who signed in; the token has a subject.
    User,
    /// A program with its own credentials (`gty` contains `client_credentials`); the token has no subject.
    Machine,
}

impl Principal {
    /// Both principals.
    #[doc(hidden)]
    pub const ALL: [Self; 2] = [Self::Machine, Self::User];

    /// Returns the word the rule language uses: `user` or `machine`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Machine => "machine",
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

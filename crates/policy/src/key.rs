//! The keys a rule may name: judged when the rule is compiled, or when it is read from text.
//!
//! A permission, role, scope, flag or organization is 1 to 128 bytes long and made of the characters of an OAuth 2.0
//! scope token (RFC 6749 §3.3: `%x21 / %x23-5B / %x5D-7E`). So a key can stand in a `scope="…"` challenge, in a message and in a
//! string of the rule language without being escaped. A billing entitlement goes by its price name, which is any text of 1 to
//! 128 bytes without control characters.

use std::fmt;

/// The longest key, in bytes.
const MAX_LEN: usize = 128;

/// Why a key cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyFault {
    /// It has no characters.
    Empty,
    /// It is longer than 128 bytes.
    TooLong,
    /// It contains a space, a tab or a line break.
    Whitespace,
    /// It contains `"` or `\`.
    Quote,
    /// It contains a control character.
    Control,
    /// It contains a character outside ASCII.
    NotAscii,
}

/// The words for each fault, as literals: a const panic can only join literals.
macro_rules! words {
    (Empty) => {
        "is empty"
    };
    (TooLong) => {
        "is longer than 128 bytes"
    };
    (Whitespace) => {
        "contains whitespace: separate words with `:`, `.`, `-` or `_`, and give several keys as several strings"
    };
    (Quote) => {
        "contains a quotation mark or a backslash"
    };
    (Control) => {
        "contains a control character"
    };
    (NotAscii) => {
        "contains a character outside ASCII"
    };
}

impl KeyFault {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => words!(Empty),
            Self::TooLong => words!(TooLong),
            Self::Whitespace => words!(Whitespace),
            Self::Quote => words!(Quote),
            Self::Control => words!(Control),
            Self::NotAscii => words!(NotAscii),
        }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for KeyFault {}

/// The one judge, for constants and for text. The first offending byte decides.
pub(super) const fn judge(key: &str) -> Result<(), KeyFault> {
    if key.is_empty() {
        return Err(KeyFault::Empty);
    }
    if key.len() > MAX_LEN {
        return Err(KeyFault::TooLong);
    }
    let mut bytes = key.as_bytes();
    while let [byte, rest @ ..] = bytes {
        match *byte {
            b' ' | b'\t' | b'\r' | b'\n' => return Err(KeyFault::Whitespace),
            b'"' | b'\\' => return Err(KeyFault::Quote),
            0x21..=0x7E => bytes = rest,
            0x00..=0x1F | 0x7F => return Err(KeyFault::Control),
            0x80.. => return Err(KeyFault::NotAscii),
        }
    }
    Ok(())
}

/// As [`judge`], for the name of a billing entitlement: any text that people read, up to the same length.
const fn judge_name(name: &str) -> Result<(), KeyFault> {
    if name.is_empty() {
        return Err(KeyFault::Empty);
    }
    if name.len() > MAX_LEN {
        return Err(KeyFault::TooLong);
    }
    let mut bytes = name.as_bytes();
    while let [byte, rest @ ..] = bytes {
        match (*byte, rest) {
            (0x00..=0x1F | 0x7F, _) | (0xC2, [0x80..=0x9F, ..]) => return Err(KeyFault::Control),
            _ => bytes = rest,
        }
    }
    Ok(())
}

/// Judges the name of an entitlement that is known at run time only.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<(), KeyFault> {
    judge_name(name)
}

/// Judges a key that is known at run time only.
///
/// # Errors
/// What is wrong with it.
pub fn check(key: &str) -> Result<(), KeyFault> {
    judge(key)
}

/// A const fn that returns the key it is given, or fails the build with a sentence about it.
macro_rules! checked_key {
    ($name:ident, $noun:literal) => {
        checked_key!($name, $noun, judge);
    };
    ($name:ident, $noun:literal, $judge:ident) => {
        #[doc = concat!("Returns the ", $noun, " if it is well-formed.")]
        ///
        /// # Panics
        /// When it is not; as the macros call it in a constant, that is a compile error at the caller.
        #[doc(hidden)]
        #[track_caller]
        #[must_use]
        pub const fn $name(key: &'static str) -> &'static str {
            match $judge(key) {
                Ok(()) => key,
                Err(KeyFault::Empty) => panic!(concat!("the ", $noun, " ", words!(Empty))),
                Err(KeyFault::TooLong) => panic!(concat!("the ", $noun, " ", words!(TooLong))),
                Err(KeyFault::Whitespace) => panic!(concat!("the ", $noun, " ", words!(Whitespace))),
                Err(KeyFault::Quote) => panic!(concat!("the ", $noun, " ", words!(Quote))),
                Err(KeyFault::Control) => panic!(concat!("the ", $noun, " ", words!(Control))),
                Err(KeyFault::NotAscii) => panic!(concat!("the ", $noun, " ", words!(NotAscii))),
            }
        }
    };
}

checked_key!(permission_key, "permission");
checked_key!(role_key, "role");
checked_key!(scope_key, "scope");
checked_key!(flag_key, "feature flag");
checked_key!(org_code, "organization code");
checked_key!(entitlement_name, "billing entitlement", judge_name);

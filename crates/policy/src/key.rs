//! The grammar of keys. Keys of a constant rule are checked by the compiler, and keys of a text by the parser.
//!
//! A permission, role, scope, flag or organization is 1 to 128 bytes long and made of the characters of an OAuth 2.0
//! scope token (RFC 6749 §3.3: `%x21 / %x23-5B / %x5D-7E`). So a key needs no escapes in a `scope="…"` challenge, in a
//! message or in a string of the rule language. The key of a billing entitlement is its price name: any text of 1 to
//! 128 bytes without control characters.

use std::fmt;

/// The longest key, in bytes.
const MAX_LEN: usize = 128;

/// A fault of a malformed key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyFault {
    /// The key has no characters.
    Empty,
    /// The key is longer than 128 bytes.
    TooLong,
    /// The key contains a space, a tab or a line break.
    Whitespace,
    /// The key contains `"` or `\`.
    Quote,
    /// The key contains a control character.
    Control,
    /// The key contains a character outside ASCII.
    NotAscii,
}

impl KeyFault {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::TooLong => "is longer than 128 bytes",
            Self::Whitespace => {
                "contains whitespace: separate words with `:`, `.`, `-` or `_`, and give several keys as several strings"
            }
            Self::Quote => "contains a quotation mark or a backslash",
            Self::Control => "contains a control character",
            Self::NotAscii => "contains a character outside ASCII",
        }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for KeyFault {}

/// The set of texts that can be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// The characters of a scope token.
    Key,
    /// Any text without control characters.
    Name,
}

/// Checks a key, in constants and at run time. The first offending byte decides.
pub(super) const fn check(grammar: Grammar, key: &str) -> Result<(), KeyFault> {
    if key.is_empty() {
        return Err(KeyFault::Empty);
    }
    if key.len() > MAX_LEN {
        return Err(KeyFault::TooLong);
    }
    match grammar {
        Grammar::Key => check_key(key),
        Grammar::Name => check_name(key),
    }
}

const fn check_key(key: &str) -> Result<(), KeyFault> {
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

const fn check_name(name: &str) -> Result<(), KeyFault> {
    let mut bytes = name.as_bytes();
    while let [byte, rest @ ..] = bytes {
        match (*byte, rest) {
            (0x00..=0x1F | 0x7F, _) | (0xC2, [0x80..=0x9F, ..]) => return Err(KeyFault::Control),
            _ => bytes = rest,
        }
    }
    Ok(())
}

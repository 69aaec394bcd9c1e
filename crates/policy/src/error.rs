//! Errors of rule texts.

use std::fmt;

use super::key::KeyFault;
use super::kinds::Kind;

/// How deep combinators of the normal form may nest.
///
/// The text of a normal form nests one level deeper, for `not(…)`. `MAX_PARENTHESES` of the parser is larger, so every rule
/// that was read can be printed and read again.
pub(super) const MAX_DEPTH: usize = 32;

/// A syntax error in the text of a rule: its fault and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleError {
    position: usize,
    fault: RuleFault,
}

/// A fault in the text of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleFault {
    /// The word of an item was expected: `authenticated`, a kind or a combinator.
    Item,
    /// The named token or value was expected.
    Expected(&'static str),
    /// A key is malformed.
    Key(KeyFault),
    /// A number does not fit into 64 bits.
    Number,
    /// A string contains an unknown escape.
    Escape,
    /// A string does not end.
    Unterminated,
    /// `any` or `all` has fewer than two operands.
    TooFew,
    /// `authenticated` has a sibling, and every other item implies `authenticated`.
    NotAlone,
    /// The rule is nested too deeply.
    TooDeep,
}

impl RuleError {
    pub(super) const fn new(position: usize, fault: RuleFault) -> Self {
        Self { position, fault }
    }

    /// Returns the position of the fault, in bytes from the start of the text.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Returns the fault.
    #[must_use]
    pub const fn fault(&self) -> RuleFault {
        self.fault
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.position, self.fault)
    }
}

impl std::error::Error for RuleError {}

impl fmt::Display for RuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item => {
                f.write_str("expected `authenticated`, ")?;
                Kind::in_grammar().try_for_each(|kind| write!(f, "`{}`, ", kind.word()))?;
                f.write_str("`any`, `all` or `not`")
            }
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Key(fault) => write!(f, "the key {fault}"),
            Self::Number => f.write_str("the number does not fit into 64 bits"),
            Self::Escape => f.write_str(r#"unknown escape; `\"`, `\\`, `\n`, `\r`, `\t` and `\u{…}` exist"#),
            Self::Unterminated => f.write_str("the string does not end"),
            Self::TooFew => f.write_str("`any` and `all` take two or more"),
            Self::NotAlone => f.write_str("`authenticated` stands alone: every other item implies it"),
            Self::TooDeep => write!(f, "nested more than {MAX_DEPTH} levels deep"),
        }
    }
}

//! Why a text is no rule.

use std::fmt;

use super::key::KeyFault;
use super::kinds::Kind;

/// How deep combinators of the normal form may nest. Its text needs one level of parentheses more, for `not(…)`, so what is
/// read here is printed as something that can be read again.
pub(super) const MAX_DEPTH: usize = 32;

/// Why a text is not a rule, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleError {
    position: usize,
    fault: RuleFault,
}

/// What is wrong with the text of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleFault {
    /// The word of an item has to stand here.
    Item,
    /// Something else has to stand here.
    Expected(&'static str),
    /// A key cannot be one.
    Key(KeyFault),
    /// A number does not fit into 64 bits.
    Number,
    /// A string contains an escape that is none.
    Escape,
    /// A string does not end.
    Unterminated,
    /// `any` and `all` combine two things or more.
    TooFew,
    /// `authenticated` stands beside something that already asks for more.
    NotAlone,
    /// The rule is nested too deeply.
    TooDeep,
}

impl RuleError {
    pub(super) const fn new(position: usize, fault: RuleFault) -> Self {
        Self { position, fault }
    }

    /// Returns where in the text it is, in bytes from the start.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Returns what is wrong.
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

//! Reads a rule from the grammar of the attribute, straight into normal form.

use std::fmt;

use super::key::{self, KeyFault};
use super::node::{Fact, Literal, Live};
use super::normal::Normal;
use super::scan::Scanner;
use super::tree::Sense;
use crate::claims::Principal;

/// How deep parentheses may nest: the bound on this parser's recursion.
const MAX_PARENTHESES: usize = 64;

/// How deep combinators of the normal form may nest. Its text needs one level of parentheses more, for `not(…)`, so what is
/// read here is printed as something that can be read again.
const MAX_DEPTH: usize = 32;

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

const ITEM: &str = "`authenticated`, `permissions`, `roles`, `scopes`, `feature_flags`, `billing_entitlements`, `org`, `principal`, \
                    `any`, `all` or `not`";

type Parsed<T> = Result<T, RuleError>;

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Parsed<Normal<String>> {
    let mut parser = Parser { scanner: Scanner::new(text), parentheses: 0 };
    let rule = Normal::all_in(Sense::Positive, parser.items(None, Sense::Positive)?);
    if rule.depth() > MAX_DEPTH {
        return Err(RuleError::new(0, RuleFault::TooDeep));
    }
    Ok(rule)
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    parentheses: usize,
}

impl Parser<'_> {
    /// Reads items up to `close`, or to the end of the text, and gives the operands they stand for, in `sense`.
    fn items(&mut self, close: Option<char>, sense: Sense) -> Parsed<Vec<Normal<String>>> {
        let (mut operands, mut authenticated) = (Vec::new(), None);
        loop {
            let (word, at) = self.scanner.word();
            if word == "authenticated" {
                authenticated = Some(at);
                operands.push(Normal::always(sense));
            } else {
                self.item(word, at, sense, &mut operands)?;
            }
            if self.scanner.ends_series(close)? {
                break;
            }
        }
        match authenticated {
            Some(at) if operands.len() > 1 => Err(RuleError::new(at, RuleFault::NotAlone)),
            _ => Ok(operands),
        }
    }

    /// Reads what follows an item's word. A list stands for one operand per key.
    fn item(
        &mut self,
        word: &str,
        at: usize,
        sense: Sense,
        operands: &mut Vec<Normal<String>>,
    ) -> Parsed<()> {
        let facts = match word {
            "any" | "all" | "not" => {
                operands.push(self.combinator(word, at, sense)?);
                return Ok(());
            }
            "permissions" => self.facts(|parser| parser.key().map(Fact::Permission))?,
            "roles" => self.facts(|parser| parser.key().map(Fact::Role))?,
            "scopes" => self.assigned(|parser| parser.list(|parser| parser.key().map(Fact::Scope)))?,
            "feature_flags" => self.facts(Self::flag)?,
            "billing_entitlements" => self.assigned(|parser| parser.list(Self::entitlement))?,
            "org" => vec![self.assigned(|parser| parser.key().map(Fact::Organization))?],
            "principal" => vec![self.assigned(Self::principal)?],
            _ => return Err(RuleError::new(at, RuleFault::Expected(ITEM))),
        };
        operands.extend(facts.into_iter().map(|fact| Normal::fact(sense, fact)));
        Ok(())
    }

    /// Reads `(…)` after `any`, `all` or `not`.
    fn combinator(&mut self, word: &str, at: usize, sense: Sense) -> Parsed<Normal<String>> {
        if self.parentheses >= MAX_PARENTHESES {
            return Err(RuleError::new(at, RuleFault::TooDeep));
        }
        self.scanner.expect('(', "`(`")?;
        self.parentheses = self.parentheses.saturating_add(1);
        let operands = self.items(Some(')'), if word == "not" { sense.flipped() } else { sense })?;
        self.parentheses = self.parentheses.saturating_sub(1);
        match word {
            // None of them: all of the negations, which in a negated place is any of the operands.
            "not" => Ok(Normal::all_in(sense, operands)),
            _ if operands.len() < 2 => Err(RuleError::new(at, RuleFault::TooFew)),
            "any" => Ok(Normal::all_in(sense.flipped(), operands)),
            _ => Ok(Normal::all_in(sense, operands)),
        }
    }

    /// Reads `= […]` or `= live([…])`.
    fn facts(&mut self, entry: impl FnMut(&mut Self) -> Parsed<Fact<String>>) -> Parsed<Vec<Fact<String>>> {
        self.scanner.expect('=', "`=`")?;
        if self.scanner.peek() == Some('[') {
            return self.list(entry);
        }
        match self.scanner.word() {
            ("live", _) => self.scanner.expect('(', "`(`")?,
            (_, at) => return Err(RuleError::new(at, RuleFault::Expected("`[` or `live([`"))),
        }
        let facts = self.list(entry)?;
        self.scanner.expect(')', "`)`")?;
        Ok(facts.into_iter().map(Fact::into_live).collect())
    }

    fn list(
        &mut self,
        mut entry: impl FnMut(&mut Self) -> Parsed<Fact<String>>,
    ) -> Parsed<Vec<Fact<String>>> {
        self.scanner.expect('[', "`[`")?;
        let mut facts = Vec::new();
        loop {
            facts.push(entry(self)?);
            if self.scanner.ends_series(Some(']'))? {
                return Ok(facts);
            }
        }
    }

    fn assigned<T>(&mut self, value: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.scanner.expect('=', "`=`")?;
        value(self)
    }

    fn key(&mut self) -> Parsed<String> {
        let (text, at) = self.scanner.string()?;
        key::check(&text).map_err(|fault| RuleError::new(at, RuleFault::Key(fault)))?;
        Ok(text)
    }

    fn entitlement(&mut self) -> Parsed<Fact<String>> {
        let (text, at) = self.scanner.string()?;
        key::check_name(&text).map_err(|fault| RuleError::new(at, RuleFault::Key(fault)))?;
        Ok(Fact::Live(Live::Entitlement(text)))
    }

    fn flag(&mut self) -> Parsed<Fact<String>> {
        let name = self.key()?;
        let value = if self.scanner.eat('=') { Some(self.literal()?) } else { None };
        Ok(Fact::FeatureFlag { name, value })
    }

    fn literal(&mut self) -> Parsed<Literal<String>> {
        if let Some(number) = self.scanner.number()? {
            return Ok(Literal::Integer(number));
        }
        if self.scanner.peek() == Some('"') {
            return self.scanner.string().map(|(text, _)| Literal::Text(text));
        }
        match self.scanner.word() {
            ("true", _) => Ok(Literal::Bool(true)),
            ("false", _) => Ok(Literal::Bool(false)),
            (_, at) => Err(RuleError::new(at, RuleFault::Expected("a string, a number, `true` or `false`"))),
        }
    }

    fn principal(&mut self) -> Parsed<Fact<String>> {
        match self.scanner.word() {
            ("user", _) => Ok(Fact::Principal(Principal::User)),
            ("machine", _) => Ok(Fact::Principal(Principal::Machine)),
            (_, at) => Err(RuleError::new(at, RuleFault::Expected("`user` or `machine`"))),
        }
    }
}

//! Reads a rule from the grammar of the attribute, straight into normal form.

use super::error::{MAX_DEPTH, RuleError, RuleFault};
use super::fact::{Fact, Literal, Live};
use super::key;
use super::normal::Normal;
use super::principal::Principal;
use super::scan::Scanner;
use super::tree::Sense;

/// How deep parentheses may nest: the bound on this parser's recursion.
const MAX_PARENTHESES: usize = 64;

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

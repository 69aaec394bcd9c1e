//! Reads the text of a rule, in the grammar of the attribute, straight into normal form.
//!
//! A recursive descent over a [`Scanner`]. `items` reads a comma-separated series, at the top level or within
//! parentheses. `item` reads one word of it: a kind, whose keys become facts, or `any`, `all` and `not`, for which
//! `combinator` calls `items` again. The [`Sense`] goes down: within `not(…)` it is flipped, so facts and combinators
//! are built negated, and no second pass moves negation to the facts. The recursion is bounded by `MAX_PARENTHESES`,
//! and the normal form by `MAX_DEPTH`.

use super::error::{MAX_DEPTH, RuleError, RuleFault};
use super::fact::{Fact, Literal, Source};
use super::kinds::{Kind, Liveness, Shape};
use super::normal::Normal;
use super::principal::Principal;
use super::scan::Scanner;
use super::tree::Sense;

/// How deep parentheses may nest: the bound of the recursion.
const MAX_PARENTHESES: usize = 64;

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
    /// Reads items up to `close`, or to the end of the text. Returns their operands, in `sense`.
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

    /// Reads an item after its word. A list adds one operand for each key.
    fn item(
        &mut self,
        word: &str,
        at: usize,
        sense: Sense,
        operands: &mut Vec<Normal<String>>,
    ) -> Parsed<()> {
        if let "any" | "all" | "not" = word {
            operands.push(self.combinator(word, at, sense)?);
            return Ok(());
        }
        let kind = Kind::of_word(word).ok_or(RuleError::new(at, RuleFault::Item))?;
        self.scanner.expect('=', "`=`")?;
        let facts = if kind.is_listed() { self.facts(kind)? } else { vec![self.fact(Source::Token, kind)?] };
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
            // `not(a, b)` excludes both: `all` of the negated operands. Within another `not`, `all_in` makes that `any`.
            "not" => Ok(Normal::all_in(sense, operands)),
            _ if operands.len() < 2 => Err(RuleError::new(at, RuleFault::TooFew)),
            "any" => Ok(Normal::all_in(sense.flipped(), operands)),
            _ => Ok(Normal::all_in(sense, operands)),
        }
    }

    /// Reads `[…]` or `live([…])`; the liveness of the kind says which of them are allowed.
    fn facts(&mut self, kind: Kind) -> Parsed<Vec<Fact<String>>> {
        match kind.liveness() {
            Liveness::Never => return self.list(Source::Token, kind),
            Liveness::Always => return self.list(Source::Live, kind),
            Liveness::Marked if self.scanner.peek() == Some('[') => return self.list(Source::Token, kind),
            Liveness::Marked => {}
        }
        match self.scanner.word() {
            ("live", _) => self.scanner.expect('(', "`(`")?,
            (_, at) => return Err(RuleError::new(at, RuleFault::Expected("`[` or `live([`"))),
        }
        let facts = self.list(Source::Live, kind)?;
        self.scanner.expect(')', "`)`")?;
        Ok(facts)
    }

    fn list(&mut self, source: Source, kind: Kind) -> Parsed<Vec<Fact<String>>> {
        self.scanner.expect('[', "`[`")?;
        let mut facts = Vec::new();
        loop {
            facts.push(self.fact(source, kind)?);
            if self.scanner.ends_series(Some(']'))? {
                return Ok(facts);
            }
        }
    }

    fn fact(&mut self, source: Source, kind: Kind) -> Parsed<Fact<String>> {
        let key = match kind.shape() {
            Shape::Name => self.principal()?.as_str().to_owned(),
            Shape::List | Shape::Values | Shape::One => self.key(kind)?,
        };
        let valued = kind.shape() == Shape::Values && self.scanner.eat('=');
        let value = if valued { Some(self.literal()?) } else { None };
        Ok(Fact::new(source, kind, key, value))
    }

    fn key(&mut self, kind: Kind) -> Parsed<String> {
        let (text, at) = self.scanner.string()?;
        kind.check(&text).map_err(|fault| RuleError::new(at, RuleFault::Key(fault)))?;
        Ok(text)
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

    fn principal(&mut self) -> Parsed<Principal> {
        let (word, at) = self.scanner.word();
        let named = Principal::ALL.into_iter().find(|one| one.as_str() == word);
        named.ok_or(RuleError::new(at, RuleFault::Expected("`user` or `machine`")))
    }
}

//! The scanner of rule texts: words, strings, numbers and their positions.
//!
//! [`Scanner`] has no separate tokens. The parser asks for the element that it expects next, and the scanner takes it from
//! the text at `at`. Whitespace before an element is skipped.

use super::error::{RuleError, RuleFault};

/// Reads a text from left to right.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn skip_whitespace(&mut self) {
        let rest = self.rest();
        self.advance(rest.len().saturating_sub(rest.trim_ascii_start().len()));
    }

    /// Takes the longest run of characters that belong, which may be empty. Returns it and its position.
    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> (&'t str, usize) {
        self.skip_whitespace();
        let (rest, at) = (self.rest(), self.at);
        let taken = rest.find(|c| !belongs(c)).and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.advance(taken.len());
        (taken, at)
    }

    /// Returns the next character without taking it.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.skip_whitespace();
        self.rest().chars().next()
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.advance(wanted.len_utf8());
        }
        found
    }

    pub(super) fn expect(&mut self, wanted: char, name: &'static str) -> Result<(), RuleError> {
        if self.eat(wanted) { Ok(()) } else { Err(self.expected(name)) }
    }

    fn expected(&self, what: &'static str) -> RuleError {
        RuleError::new(self.at, RuleFault::Expected(what))
    }

    /// Takes a word of the grammar, empty if none is here. Returns it and its position.
    pub(super) fn word(&mut self) -> (&'t str, usize) {
        self.take_while(|c| c.is_ascii_lowercase() || c == '_')
    }

    /// Returns `true` if a series ends here, after one of its elements: at `close`, or at the end of the text without
    /// `close`. Takes the comma, which is optional before the end and required before the next element.
    pub(super) fn ends_series(&mut self, close: Option<char>) -> Result<bool, RuleError> {
        let comma = self.eat(',');
        let ends = match close {
            Some(close) => self.eat(close),
            None => self.peek().is_none(),
        };
        match (ends, comma, close) {
            (true, _, _) => Ok(true),
            (false, true, _) => Ok(false),
            (false, false, Some(']')) => Err(self.expected("`,` or `]`")),
            (false, false, Some(_)) => Err(self.expected("`,` or `)`")),
            (false, false, None) => Err(self.expected("`,` or the end")),
        }
    }

    /// Takes a number, if one starts here.
    pub(super) fn number(&mut self) -> Result<Option<i64>, RuleError> {
        if !self.peek().is_some_and(|c| c == '-' || c.is_ascii_digit()) {
            return Ok(None);
        }
        let (digits, at) = self.take_while(|c| c == '-' || c.is_ascii_digit());
        digits.parse().map(Some).map_err(|_| RuleError::new(at, RuleFault::Number))
    }

    /// Takes a string literal. Returns its value and position.
    pub(super) fn string(&mut self) -> Result<(String, usize), RuleError> {
        self.expect('"', "a string in quotation marks")?;
        let (start, mut text) = (self.at.saturating_sub(1), String::new());
        loop {
            match self.next() {
                Some('"') => return Ok((text, start)),
                Some('\\') => text.push(self.escaped()?),
                Some(c) => text.push(c),
                None => return Err(RuleError::new(start, RuleFault::Unterminated)),
            }
        }
    }

    /// Takes the next character, whitespace included.
    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.advance(next.len_utf8());
        Some(next)
    }

    /// Takes an escape after its backslash. Returns the character.
    fn escaped(&mut self) -> Result<char, RuleError> {
        let at = self.at.saturating_sub(1);
        match self.next() {
            Some(c @ ('"' | '\\')) => Some(c),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => self.code_point(),
            _ => None,
        }
        .ok_or(RuleError::new(at, RuleFault::Escape))
    }

    /// Takes `{…}` with one to six hexadecimal digits.
    fn code_point(&mut self) -> Option<char> {
        let (digits, _) = self.rest().strip_prefix('{')?.split_once('}')?;
        let code = (digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| u32::from_str_radix(digits, 16).ok())??;
        self.advance(digits.len().saturating_add(2));
        char::from_u32(code)
    }
}

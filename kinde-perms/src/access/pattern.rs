//! Path patterns as Axum writes them, their intersections, and sample requests.
//!
//! `parse` reads `/a/{id}/{*rest}` as tokens: characters, parameters and at most one tail, at the end. `common` skips the equal
//! tokens that two patterns begin with, and `unify` intersects the remainders. `requests` makes sample paths of a pattern.

use std::fmt::{self, Write as _};
use std::iter::{Peekable, repeat_n};
use std::str::Chars;

/// `matchit` names parameters by letters and panics at the 26th.
const MOST_PARAMETERS: usize = 25;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Token {
    Char(char),
    /// `{name}`: the rest of a segment.
    Parameter,
    /// `{*name}`: the rest of the path.
    Tail,
}

use Token::{Char, Parameter, Tail};

/// A path pattern without the names of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Pattern(Vec<Token>);

impl Pattern {
    /// Reads a pattern; `None` if Axum refuses it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut letters = text.strip_prefix('/')?.chars().peekable();
        let mut tokens = vec![Char('/')];
        while let Some(letter) = letters.next() {
            // A doubled brace is a brace.
            let literal = !matches!(letter, '{' | '}') || letters.next_if_eq(&letter).is_some();
            tokens.push(match letter {
                _ if literal => Char(letter),
                '{' => parameter(&mut letters)?,
                _ => return None,
            });
        }
        let parameters = tokens.iter().filter(|token| **token == Parameter).count();
        (parameters <= MOST_PARAMETERS).then_some(Self(tokens))
    }

    /// Returns the pattern of everything below this one.
    pub(super) fn with_tail(&self) -> Self {
        let slash = (self.0.last() != Some(&Char('/'))).then_some(Char('/'));
        Self(self.0.iter().copied().chain(slash).chain([Tail]).collect())
    }

    /// Returns the pattern with a slash at its end; `None` if it ends with one already.
    pub(super) fn with_slash(&self) -> Option<Self> {
        let tokens = || self.0.iter().copied().chain([Char('/')]).collect();
        (self.0.last() != Some(&Char('/'))).then(|| Self(tokens()))
    }

    pub(super) fn depth(&self) -> usize {
        self.0.iter().filter(|token| **token == Char('/')).count()
    }

    pub(super) fn contains(&self, letter: char) -> bool {
        self.0.contains(&Char(letter))
    }

    /// Returns patterns that together match every path that both match, and possibly more.
    pub(super) fn common(&self, other: &Self) -> Vec<Self> {
        let mut found = Vec::new();
        let pairs = self.0.iter().zip(&other.0);
        // Most pairs of a router differ in a letter before their first tail.
        let same = pairs.take_while(|(left, right)| left == right && **left != Tail).count();
        let (head, left) = self.0.split_at(same);
        let right = other.0.split_at(same).1;
        if !matches!((left.first(), right.first()), (Some(Char(_)) | None, Some(Char(_)) | None))
            || (left.is_empty() && right.is_empty())
        {
            unify(head, left, right, &mut found);
        }
        found
    }

    /// Returns sample paths that match the pattern, one for every set of patterns that can match the same path.
    ///
    /// `unused` must be a letter that no pattern contains, and `depth` the depth of the deepest pattern.
    pub(super) fn requests(&self, unused: char, depth: usize) -> Vec<String> {
        let mut path = String::new();
        for token in &self.0 {
            match token {
                Char(letter) => path.push(*letter),
                Parameter => path.push(unused),
                Tail => {
                    return tails(unused, depth.saturating_sub(self.depth()))
                        .map(|tail| format!("{path}{tail}"))
                        .collect();
                }
            }
        }
        vec![path]
    }
}

/// Returns tails of every length up to one segment more than the deepest pattern, with and without empty segments.
fn tails(unused: char, depth: usize) -> impl Iterator<Item = String> {
    (0..=depth.saturating_add(1)).flat_map(move |length| {
        let segments = repeat_n(unused.to_string(), length).collect::<Vec<_>>().join("/");
        let shapes =
            [format!("{segments}/"), format!("/{segments}"), format!("{segments}//{unused}"), segments];
        shapes.into_iter().filter(|tail| !tail.is_empty())
    })
}

/// Reads the rest of a parameter after its opening brace. Any letter may begin a name.
fn parameter(letters: &mut Peekable<Chars<'_>>) -> Option<Token> {
    let token = match letters.next()? {
        '}' => return None,
        '*' => Tail,
        _ => Parameter,
    };
    let mut empty = token == Tail;
    loop {
        match letters.next()? {
            '}' if letters.next_if_eq(&'}').is_none() => break,
            '*' | '/' => return None,
            _ => empty = false,
        }
    }
    let ends_well = match (token, letters.peek()) {
        (_, None) => true,
        (Parameter, Some(next)) => *next == '/',
        _ => false,
    };
    (ends_well && !empty).then_some(token)
}

/// Intersects the remainders of two patterns after their common head.
///
/// A tail matches the other remainder whole. A parameter takes the other's tokens up to its next slash or tail. Equal
/// characters move to the head. Anything else has no intersection.
fn unify(head: &[Token], left: &[Token], right: &[Token], found: &mut Vec<Pattern>) {
    match (left, right) {
        ([], []) => found.push(Pattern(head.to_vec())),
        ([], _) | (_, []) => {}
        ([Tail], rest) | (rest, [Tail]) => found.push(Pattern([head, rest].concat())),
        ([Parameter, after @ ..], other) | (other, [Parameter, after @ ..]) => {
            let end = other.iter().position(|token| matches!(token, Char('/') | Tail)).unwrap_or(other.len());
            let (segment, rest) = other.split_at(end);
            let head = [head, segment].concat();
            unify(&head, after, rest, found);
            // A tail that begins within the segment also matches the rest of that segment and `after`.
            if rest == [Tail] {
                found.push(Pattern([head.as_slice(), &[Parameter], after].concat()));
            }
        }
        ([one, left @ ..], [other, right @ ..]) if one == other => {
            unify(&[head, &[*one]].concat(), left, right, found);
        }
        _ => {}
    }
}

/// Writes the pattern with `_` as the name of every parameter.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|token| match token {
            Char(brace @ ('{' | '}')) => write!(f, "{brace}{brace}"),
            Char(letter) => f.write_char(*letter),
            Parameter => f.write_str("{_}"),
            Tail => f.write_str("{*_}"),
        })
    }
}

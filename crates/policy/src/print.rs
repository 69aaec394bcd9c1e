//! Writes the normal form in the grammar of the attribute.
//!
//! The parts are sorted, so facts of one list are neighbors: `chunk_by` groups them and `write_item` writes each group.

use std::fmt::{self, Formatter};

use super::fact::Fact;
use super::kinds::Shape;
use super::normal::Normal;
use super::printable::quote;

impl<S: AsRef<str>> fmt::Display for Normal<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("authenticated"),
            Self::Never => f.write_str("not(authenticated)"),
            Self::All(parts) => write_all(f, parts),
            part => write_item(f, std::slice::from_ref(part)),
        }
    }
}

/// Writes the items of an `all`: a list for each kind, one `not` for all lacked facts, then the nested `any`.
fn write_all<S: AsRef<str>>(f: &mut Formatter<'_>, parts: &[Normal<S>]) -> fmt::Result {
    let items = parts.chunk_by(|a, b| match (a, b) {
        (Normal::Lacked(_), Normal::Lacked(_)) => true,
        _ => share_list(a, b),
    });
    separated(f, items, write_item)
}

/// Writes the items of an `any`: a list for each kind, a `not` for each lacked fact, then the nested `all`.
fn write_any<S: AsRef<str>>(f: &mut Formatter<'_>, parts: &[Normal<S>]) -> fmt::Result {
    let items = parts.chunk_by(|a, b| match (a, b) {
        (Normal::Lacked(_), Normal::Lacked(_)) => false,
        _ => share_list(a, b),
    });
    separated(f, items, write_item)
}

/// Writes one item: parts that share a list, the facts of one `not`, or a single nested combinator.
fn write_item<S: AsRef<str>>(f: &mut Formatter<'_>, parts: &[Normal<S>]) -> fmt::Result {
    match parts {
        [Normal::Lacked(_), ..] => {
            enclosed(f, "not", |f| separated(f, parts.chunk_by(share_list), write_list))
        }
        [Normal::Any(inner)] => enclosed(f, "any", |f| write_any(f, inner)),
        // One `not(a, b)` is already the `all` of both negations.
        [Normal::All(inner)] if inner.iter().all(|part| matches!(part, Normal::Lacked(_))) => {
            write_all(f, inner)
        }
        [Normal::All(inner)] => enclosed(f, "all", |f| write_all(f, inner)),
        _ => write_list(f, parts),
    }
}

/// Writes facts of one kind: `permissions = ["a", "b"]`, `org = "org_1"`.
fn write_list<S: AsRef<str>>(f: &mut Formatter<'_>, parts: &[Normal<S>]) -> fmt::Result {
    let Some(fact) = parts.first().and_then(Normal::as_fact) else { return Ok(()) };
    write!(f, "{} = ", fact.kind.word())?;
    if !fact.kind.is_listed() {
        return write_value(f, fact);
    }
    let (open, close) = if fact.is_marked_live() { ("live([", "])") } else { ("[", "]") };
    f.write_str(open)?;
    separated(f, parts.iter().filter_map(Normal::as_fact), write_value)?;
    f.write_str(close)
}

fn write_value<S: AsRef<str>>(f: &mut Formatter<'_>, fact: &Fact<S>) -> fmt::Result {
    match fact.kind.shape() {
        Shape::Name => f.write_str(fact.key.as_ref())?,
        Shape::List | Shape::Values | Shape::One => quote(f, fact.key.as_ref())?,
    }
    fact.value.as_ref().map_or(Ok(()), |value| write!(f, " = {value}"))
}

/// Returns `true` if two facts of the same sign belong in one list.
fn share_list<S>(a: &Normal<S>, b: &Normal<S>) -> bool {
    match (a, b) {
        (Normal::Held(a), Normal::Held(b)) | (Normal::Lacked(a), Normal::Lacked(b)) => {
            a.kind.is_listed() && (a.kind, a.source) == (b.kind, b.source)
        }
        _ => false,
    }
}

fn enclosed(
    f: &mut Formatter<'_>,
    name: &str,
    content: impl FnOnce(&mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{name}(")?;
    content(f)?;
    f.write_str(")")
}

fn separated<T>(
    f: &mut Formatter<'_>,
    items: impl Iterator<Item = T>,
    write: impl Fn(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    Ok(())
}

//! Reads items into parts of a rule. Items in a wrong place, repeated items and combinators of too few parts are errors.

use kinde_perms_policy::shared::Shape;
use kinde_perms_policy::{Kind, Principal, Source};
use proc_macro2::Group;
use syn::Ident;

use super::model::{Key, Leaf, Node, Parts};
use super::names::{self, Word};
use super::syntax::{Argument, Item, Scalar, Value, shown};
use super::values;
use crate::errors::Errors;
use kinde_perms_policy::kinde_toml::words;

/// The combinator around the items, or the attribute itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Top,
    All,
    Any,
    Not,
}

/// Reads the items of the attribute itself, which must all hold.
pub(crate) fn top(items: Vec<&Item>, errors: &mut Errors) -> Vec<Node> {
    parts(Within::Top, items, errors)
}

/// Reads items. Each key of a list becomes a part of its own: `any(roles = ["a", "b"])` has two parts.
fn parts<'a>(within: Within, items: impl IntoIterator<Item = &'a Item>, errors: &mut Errors) -> Vec<Node> {
    let mut seen = Vec::new();
    let mut parts = Vec::new();
    for item in items {
        match item {
            Item::Unnamed(value) => unnamed(value, errors),
            Item::Named(argument) => match Word::find(&argument.name) {
                Some(word) => {
                    report_repeated(within, word, argument, &mut seen, errors);
                    parts.extend(part(within, word, argument, errors));
                }
                None => errors.at(&argument.name, names::unknown_in_rule(&argument.name)),
            },
        }
    }
    parts
}

fn unnamed(value: &Scalar, errors: &mut Errors) {
    match value {
        Scalar::Lit(_) | Scalar::Path(_) => {
            errors.at(value, format_args!("say what this is: `permissions = [{}]`", shown(value)));
        }
        Scalar::Other(_) => {
            errors.at(value, "expected an argument such as `permissions = [\"create:todos\"]`");
        }
    }
}

fn part(within: Within, word: Word, argument: &Argument, errors: &mut Errors) -> Vec<Node> {
    match word {
        Word::Authenticated => authenticated(within, argument, errors).into_iter().collect(),
        Word::Fact(kind) => match kind.shape() {
            Shape::List | Shape::Values => values::list(kind, argument, errors),
            Shape::One => values::organization(argument, errors).into_iter().collect(),
            Shape::Name => principal(argument, errors).into_iter().collect(),
        },
        Word::Any => combinator(Within::Any, argument, errors).into_iter().collect(),
        Word::All => combinator(Within::All, argument, errors).into_iter().collect(),
        Word::Not => combinator(Within::Not, argument, errors).into_iter().collect(),
    }
}

/// Reports a word that is given twice: a list in any group, and any other fact where all parts must hold.
fn report_repeated(
    within: Within,
    word: Word,
    argument: &Argument,
    seen: &mut Vec<(Word, bool)>,
    errors: &mut Errors,
) {
    let (name, given) = (&argument.name, (word, matches!(argument.value, Value::Live(..))));
    if !seen.contains(&given) {
        seen.push(given);
        return;
    }
    let conjunction = matches!(within, Within::Top | Within::All);
    match word {
        Word::Fact(kind) if kind.is_listed() => {
            errors.at(name, format_args!("`{name}` is given twice: put its keys into one list"));
        }
        Word::Fact(kind) if conjunction && kind.shape() == Shape::One => errors.at(
            name,
            "`org` is given twice, and a token belongs to one organization: \
             write `any(org = \"…\", org = \"…\")`",
        ),
        Word::Authenticated | Word::Fact(_) if conjunction => {
            errors.at(name, format_args!("`{name}` is given twice"));
        }
        _ => {}
    }
}

fn authenticated(within: Within, argument: &Argument, errors: &mut Errors) -> Option<Node> {
    match (&argument.value, within) {
        (Value::Bare, Within::Top) => return Some(Node::Authenticated(argument.name.clone())),
        (Value::Bare, Within::Not) => {
            errors.at(&argument.name, "a token that is not valid meets no rule: `authenticated` stands alone");
        }
        (Value::Bare, _) => errors.at(
            &argument.name,
            "`authenticated` holds for every valid token, so it cannot be one of several parts: it stands alone",
        ),
        _ => errors.at(argument, "`authenticated` takes no value"),
    }
    None
}

fn principal(argument: &Argument, errors: &mut Errors) -> Option<Node> {
    let Value::Scalar(value) = &argument.value else {
        errors.at(argument, "write `principal = machine` or `principal = user`");
        return None;
    };
    let word = if let Scalar::Path(path) = value { path.get_ident() } else { None };
    let word = word.filter(|word| Principal::ALL.iter().any(|one| *word == one.as_str()));
    if word.is_none() {
        match words::closest(shown(value).trim_matches('"'), &Principal::ALL.map(Principal::as_str)) {
            Some(name) => errors.at(value, format_args!("did you mean `principal = {name}`?")),
            None => errors.at(value, "a principal is `machine` or `user`"),
        }
    }
    let (source, kind) = (Source::Token, Kind::Principal);
    word.map(|word| Node::Leaf(Leaf { source, kind, key: Key::Name(word.clone()), value: None }))
}

fn combinator(within: Within, argument: &Argument, errors: &mut Errors) -> Option<Node> {
    let name = &argument.name;
    let Value::Items(group, items) = &argument.value else {
        errors.at(argument, format_args!("`{name}` takes its parts in parentheses: write `{name}(…)`"));
        return None;
    };
    let known = errors.count();
    let parts = parts(within, items, errors);
    if errors.count() == known {
        arity(within, name, group, parts.len(), errors);
    }
    Some(match within {
        Within::Any => Node::Any(Parts { word: Some(name.clone()), nodes: parts }),
        Within::Not => Node::none_of(name.clone(), parts),
        Within::All | Within::Top => Node::All(Parts { word: Some(name.clone()), nodes: parts }),
    })
}

fn arity(within: Within, name: &Ident, group: &Group, parts: usize, errors: &mut Errors) {
    match (within, parts) {
        (_, 0) => errors.at(group, format_args!("`{name}()` is empty: name what it is about, or remove it")),
        (Within::Any | Within::All, 1) => errors.at(
            name,
            format_args!(
                "`{name}` of a single part is that part: write it without `{name}(…)`, or add another"
            ),
        ),
        _ => {}
    }
}

//! Reads the values of arguments: lists of keys, an organization, the value of a flag.

use kinde_perms_policy::shared::{Liveness, Shape};
use kinde_perms_policy::{Kind, Literal, Source};
use syn::{Lit, LitInt};

use super::model::{Key, Leaf, Node};
use super::names::a_key;
use super::syntax::{Argument, Entry, Scalar, Value, shown, starts_with_self};
use crate::errors::Errors;

/// Reads a list such as `permissions = ["a", B]`. Each key is a part.
pub(crate) fn list(kind: Kind, argument: &Argument, errors: &mut Errors) -> Vec<Node> {
    asks_kinde(kind, argument, errors);
    match &argument.value {
        Value::List(group, entries) | Value::Live(group, entries)
            if entries.is_empty() && group.stream().is_empty() =>
        {
            errors.at(
                group,
                format_args!(
                    "an empty list asks for nothing: name {}, or remove `{}`",
                    a_key(kind),
                    kind.word()
                ),
            );
            Vec::new()
        }
        Value::List(_, entries) | Value::Live(_, entries) => {
            repeated(entries, errors);
            let leaves = entries.iter().filter_map(|entry| leaf(source(kind, argument), kind, entry, errors));
            leaves.map(Node::Leaf).collect()
        }
        other => {
            not_a_list(kind, argument, other, errors);
            Vec::new()
        }
    }
}

/// Returns the source of the facts in a list: the token or the Account API.
fn source(kind: Kind, argument: &Argument) -> Source {
    let asked = kind.liveness() == Liveness::Always || matches!(argument.value, Value::Live(..));
    if asked { Source::Live } else { Source::Token }
}

/// Reports `live` on a kind that cannot have it, and a question to the Account API without the feature `account-api`.
fn asks_kinde(kind: Kind, argument: &Argument, errors: &mut Errors) {
    match (kind.liveness(), matches!(argument.value, Value::Live(..))) {
        (Liveness::Never, true) => errors.at(
            &argument.value,
            format_args!("`{}` cannot be `live`: Kinde's Account API does not tell them", kind.word()),
        ),
        (Liveness::Always, true) => errors.at(
            &argument.value,
            format_args!("`{}` always asks Kinde's Account API: write the list without `live`", kind.word()),
        ),
        (Liveness::Never | Liveness::Marked, false) => {}
        _ if cfg!(feature = "account-api") => {}
        _ => errors.at(
            &argument.name,
            "this asks Kinde's Account API: switch on the feature `account-api` of `kinde-perms`",
        ),
    }
}

fn not_a_list(kind: Kind, argument: &Argument, value: &Value, errors: &mut Errors) {
    let name = kind.word();
    match value {
        Value::Scalar(scalar) => {
            errors.at(scalar, format_args!("`{name}` takes a list: write `{name} = [{}]`", shown(scalar)));
        }
        Value::Items(group, _) => {
            errors.at(group, format_args!("`{name}` takes a list: write `{name} = [{}]`", group.stream()));
        }
        Value::Bare | Value::List(..) | Value::Live(..) => {
            errors.at(argument, format_args!("`{name}` takes a list: write `{name} = [\"…\"]`"));
        }
    }
}

/// Reports repeated entries. Constants are repeated if their paths are.
fn repeated(entries: &[Entry], errors: &mut Errors) {
    let mut seen: Vec<(String, Option<String>)> = Vec::new();
    for entry in entries {
        let written = (compared(&entry.key), entry.value.as_ref().map(compared));
        if seen.contains(&written) {
            errors.at(&entry.key, format_args!("`{}` is listed twice", shown(&entry.key)));
        }
        seen.push(written);
    }
}

/// Returns equal texts for equal values, such as `"a"` and `r"a"`.
fn compared(value: &Scalar) -> String {
    match value {
        Scalar::Lit(Lit::Str(text)) => format!("{:?}", text.value()),
        other => shown(other),
    }
}

fn leaf(source: Source, kind: Kind, entry: &Entry, errors: &mut Errors) -> Option<Leaf> {
    let key = key(kind, &entry.key, errors);
    let value = match &entry.value {
        None => None,
        Some(value) if kind.shape() == Shape::Values => Some(flag_value(value, errors)?),
        Some(value) => {
            let noun = a_key(kind);
            errors.at(value, format_args!("{noun} has no value; only `feature_flags` compare with one"));
            return None;
        }
    };
    Some(Leaf { source, kind, key: key?, value })
}

/// Reads `org = "org_1"`.
pub(crate) fn organization(argument: &Argument, errors: &mut Errors) -> Option<Node> {
    match &argument.value {
        Value::Scalar(value) => {
            let (source, kind) = (Source::Token, Kind::Organization);
            key(kind, value, errors).map(|key| Node::Leaf(Leaf { source, kind, key, value: None }))
        }
        Value::List(group, _) | Value::Live(group, _) => {
            errors.at(
                group,
                "a token belongs to one organization: write `org = \"…\"`, \
                 or for several `any(org = \"…\", org = \"…\")`",
            );
            None
        }
        Value::Bare | Value::Items(..) => {
            errors.at(argument, "`org` takes the code of an organization: write `org = \"org_…\"`");
            None
        }
    }
}

fn key(kind: Kind, value: &Scalar, errors: &mut Errors) -> Option<Key> {
    match value {
        Scalar::Lit(Lit::Str(literal)) => return Some(Key::Literal(literal.clone())),
        Scalar::Path(path) if !starts_with_self(path) => return Some(Key::Constant(path.clone())),
        Scalar::Path(_) => errors.at(
            value,
            "`Self` is not known where a rule is kept, outside of the impl block: name the type instead",
        ),
        Scalar::Lit(_) | Scalar::Other(_) => errors
            .at(value, format_args!("{} is a string, or the path of a `&'static str` constant", a_key(kind))),
    }
    None
}

fn flag_value(value: &Scalar, errors: &mut Errors) -> Option<Literal<String>> {
    match value {
        Scalar::Lit(Lit::Str(text)) => Some(Literal::Text(text.value())),
        Scalar::Lit(Lit::Bool(flag)) => Some(Literal::Bool(flag.value)),
        Scalar::Lit(Lit::Int(number)) => integer(number, errors).map(Literal::Integer),
        _ => {
            errors.at(value, "a flag is compared with a string, an integer, `true` or `false`, written out");
            None
        }
    }
}

fn integer(number: &LitInt, errors: &mut Errors) -> Option<i64> {
    let parsed = number.base10_parse().ok().filter(|_| number.suffix().is_empty());
    if parsed.is_none() {
        errors.at(number, "a flag's integer has no suffix and fits into an `i64`");
    }
    parsed
}

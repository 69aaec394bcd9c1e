//! `check = path`: functions that decide about the resource of a request.

use syn::Path;

use super::names;
use super::syntax::{self, Argument, Item, Scalar, Value};
use crate::errors::Errors;

/// The items of an attribute, sorted by subject.
#[derive(Default)]
pub(crate) struct Sorted<'a> {
    /// `check = …`: about the request.
    pub(crate) checks: Vec<&'a Argument>,
    /// `claims = …`: the place of the claims in a function that is not a handler.
    pub(crate) claims: Vec<&'a Argument>,
    /// The rule about the token.
    pub(crate) rule: Vec<&'a Item>,
}

/// Sorts the items of an attribute.
pub(crate) fn sort(items: &[Item]) -> Sorted<'_> {
    let mut sorted = Sorted::default();
    for item in items {
        match item {
            Item::Named(argument) if argument.name == names::CHECK => sorted.checks.push(argument),
            Item::Named(argument) if argument.name == names::CLAIMS => sorted.claims.push(argument),
            other => sorted.rule.push(other),
        }
    }
    sorted
}

/// Validates the checks of one function, and returns their paths in the order in which the checks run.
pub(crate) fn validate(checks: &[&Argument], errors: &mut Errors) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    for check in checks {
        let Some(path) = path(check, errors) else { continue };
        if paths.contains(path) {
            errors.at(path, format_args!("`check = {}` is given twice", syntax::spelled(path)));
        }
        paths.push(path.clone());
    }
    paths
}

fn path<'a>(check: &'a Argument, errors: &mut Errors) -> Option<&'a Path> {
    match &check.value {
        Value::Scalar(Scalar::Path(path)) if syntax::starts_with_self(path) => errors.at(
            path,
            "`Self` is not known where a rule is kept, outside of the impl block: a check is a free function",
        ),
        Value::Scalar(Scalar::Path(path)) => return Some(path),
        _ => errors
            .at(check, "`check` takes the path of a function that has `#[check]`: write `check = owns_todo`"),
    }
    None
}

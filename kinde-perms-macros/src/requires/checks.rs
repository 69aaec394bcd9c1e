//! Judges `check = path`: functions that decide about the resource of a request.

use syn::Path;

use super::syntax::{Argument, Item, Scalar, Value};
use super::values;
use crate::errors::Errors;

/// The argument's name.
pub(crate) const NAME: &str = "check";

/// Takes the checks out of the items of an attribute; what is left is about the token.
pub(crate) fn split(items: &[Item]) -> (Vec<&Argument>, Vec<&Item>) {
    let mut checks = Vec::new();
    let mut others = Vec::new();
    for item in items {
        match item {
            Item::Named(argument) if argument.name == NAME => checks.push(argument),
            other => others.push(other),
        }
    }
    (checks, others)
}

/// Judges the checks of one function, which run in this order.
pub(crate) fn judge(checks: &[&Argument], errors: &mut Errors) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    for check in checks {
        let Some(path) = path(check, errors) else { continue };
        if paths.contains(path) {
            errors.at(path, format_args!("`check = {}` is given twice", values::spelled(path)));
        }
        paths.push(path.clone());
    }
    paths
}

fn path<'a>(check: &'a Argument, errors: &mut Errors) -> Option<&'a Path> {
    match &check.value {
        Value::Scalar(Scalar::Path(path)) if values::starts_with_self(path) => errors.at(
            path,
            "`Self` is not known where a rule is kept, outside of the impl block: a check is a free function",
        ),
        Value::Scalar(Scalar::Path(path)) => return Some(path),
        _ => errors
            .at(check, "`check` takes the path of a function that has `#[check]`: write `check = owns_todo`"),
    }
    None
}

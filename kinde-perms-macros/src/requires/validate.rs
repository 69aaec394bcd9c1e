//! Validates the attributes of one function together.

use syn::Path;

use super::model::Node;
use super::syntax::Argument;
use super::{checks, groups, vacuous};
use crate::arguments::Arguments;
use crate::errors::Errors;

/// What the attributes of one function ask for.
pub(crate) struct Validated<'a> {
    /// Of the token.
    pub(crate) rule: Node,
    /// Of the request, once the token holds what it must.
    pub(crate) checks: Vec<Path>,
    /// Where the claims are, if the function is no handler.
    pub(crate) claims: Vec<&'a Argument>,
}

/// Judges the arguments of every `#[requires]` of one function, which must all hold.
///
/// The rule that is returned holds what could be understood; the caller looks at `errors` before it lets the
/// rule decide anything.
pub(crate) fn validate<'a>(attributes: &'a [Arguments], errors: &mut Errors) -> Validated<'a> {
    let before = errors.count();
    let mut parts = Vec::new();
    let (mut named, mut claims) = (Vec::new(), Vec::new());
    for arguments in attributes {
        let known = errors.count();
        let sorted = checks::sort(&arguments.items);
        let found = groups::top(sorted.rule, errors);
        if found.is_empty() && sorted.checks.is_empty() && !arguments.broken && errors.count() == known {
            errors.at(&arguments.attribute, EMPTY);
        }
        parts.extend(found);
        named.extend(sorted.checks);
        claims.extend(sorted.claims);
    }
    stands_alone(&parts, errors);
    if let ([], [check, ..]) = (parts.as_slice(), named.as_slice()) {
        // A check alone leaves nothing to ask of the token but to be valid.
        parts.push(Node::Authenticated(check.name.clone()));
    }
    let validated = Validated { rule: Node::all(parts), checks: checks::validate(&named, errors), claims };
    if errors.count() == before && !attributes.iter().any(|arguments| arguments.broken) {
        vacuous::report(&validated.rule, errors);
    }
    validated
}

const EMPTY: &str = "this rule asks for nothing: write `authenticated` to admit every valid access token, \
                     or name what the token must hold, such as `permissions = [\"create:todos\"]`";

/// `authenticated` is what every rule asks for first, so next to anything else it says nothing.
fn stands_alone(parts: &[Node], errors: &mut Errors) {
    if parts.len() < 2 {
        return;
    }
    for part in parts {
        if let Node::Authenticated(word) = part {
            errors.at(
                word,
                "`authenticated` stands alone: every rule asks for a valid token first, so remove it here",
            );
        }
    }
}

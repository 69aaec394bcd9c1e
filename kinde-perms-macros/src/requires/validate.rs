//! Validates the `#[requires]` of one function together.
//!
//! The items of each attribute are sorted and read. Then the parts of all attributes are joined to one rule, and the checks
//! validated. If no mistake was found by then, the rule is searched for vacuous and redundant parts.

use syn::Path;

use super::model::Node;
use super::syntax::Argument;
use super::{checks, groups, vacuous};
use crate::arguments::Arguments;
use crate::errors::Errors;

/// The content of all `#[requires]` of one function.
pub(crate) struct Validated<'a> {
    /// The rule about the token.
    pub(crate) rule: Node,
    /// The checks of the request, which run once the token meets the rule.
    pub(crate) checks: Vec<Path>,
    /// `claims = …`, if the function is not a handler.
    pub(crate) claims: Vec<&'a Argument>,
}

/// Validates the arguments of every `#[requires]` of one function, which must all hold.
///
/// After a mistake the returned rule lacks the parts that were not understood. Callers must not let it decide unless `errors`
/// is empty.
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
        // With checks alone, the token must be valid.
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

/// Reports `authenticated` beside other parts, each of which requires a valid token anyway.
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

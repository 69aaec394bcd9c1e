//! A rule as a value, in constants and in expressions.
#![deny(warnings, clippy::all, clippy::pedantic)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unnameable_types,
    unused_qualifications
)]
#![deny(
    single_use_lifetimes,
    redundant_lifetimes,
    unused_results,
    let_underscore_drop,
    missing_copy_implementations
)]
#![forbid(unsafe_code, nonstandard_style, unused)]

use kinde_perms::{Requirement, requirement};

const REQUIREMENT: &str = "read:todos";
const RULE: Requirement = requirement!(permissions = [REQUIREMENT], not(roles = ["banned"]));
static TABLE: [(&str, Requirement); 2] =
    [("read", RULE), ("write", requirement!(any(permissions = ["create:todos"], roles = ["admin"])))];

fn local() -> Requirement {
    const ROLE: &str = "admin";
    requirement!(roles = [ROLE], feature_flags = ["beta", "seats" = 5])
}

fn generic<T: Into<Requirement>>(rule: T) -> Requirement {
    let _nothing = requirement!(authenticated);
    rule.into()
}

pub(crate) fn main() {
    let rules = [local(), generic(RULE), generic(requirement!(org = "org_1"))];
    assert_eq!((rules.len(), TABLE.len()), (3, 2));
}

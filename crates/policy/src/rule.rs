//! Rules read from text.

use std::fmt;
use std::str::FromStr;

use super::decision::Decision;
use super::error::RuleError;
use super::facts::Facts;
use super::normal::Normal;
use super::parse;
use super::requirement::Requirement;
use super::rule_ref::RuleRef;

/// A rule that was read from text, or copied from a [`Requirement`]; it owns its keys.
///
/// Access matrices, snapshots and tests keep rules as text. A `Rule` is always in normal form, so two rules with the
/// same normal form are equal, however they were written.
///
/// # Normal form
///
/// The normal form is written in the grammar of `#[requires(…)]` and reads back to the same rule:
///
/// - the parts of the outermost `all` stand side by side, without `all(…)`;
/// - `not(…)` encloses facts only, never a combinator. In an `all`, one `not(…)` lists every fact that the
///   token must lack: `not(permissions = ["a", "b"], roles = ["c"])` means none of the three. In an `any(…)`, each
///   excluded fact has its own `not(…)`, and a `not(…)` with several facts is one alternative: none of these;
/// - `all` in `all` and `any` in `any` are merged, equal parts are written once, and a combinator of one part is that part;
/// - a flag that must be `true` is named alone: `feature_flags = ["beta"]`, for `["beta" = true]`;
/// - facts come first: those of the token, then those of Kinde, each by kind in the order of [`Kind`](super::Kind). Within a
///   kind they are sorted byte by byte, but users stand before machines. Then comes `not(…)`, then nested combinators;
/// - a rule that holds for every verified token by its shape is `authenticated`, and a rule that holds for none is
///   `not(authenticated)`. An empty combinator, which only a hand-built tree can contain, is `not(authenticated)`,
///   negated or not.
///
/// Contradictions between facts are kept as they are written.
///
/// # Examples
///
/// ```
/// # extern crate kinde_perms_policy as kinde_perms;
/// use kinde_perms::Rule;
///
/// let rule: Rule = r#"not(any(roles = ["guest"], permissions = ["b", "a"])), scopes = ["read"]"#.parse()?;
/// assert_eq!(rule.to_string(), r#"scopes = ["read"], not(permissions = ["a", "b"], roles = ["guest"])"#);
/// # Ok::<(), kinde_perms::RuleError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use = "a rule that nobody decides lets everybody through: write `claims.require(&rule)?`"]
pub struct Rule {
    root: Normal<String>,
}

impl Rule {
    pub(super) const fn from_normal(root: Normal<String>) -> Self {
        Self { root }
    }

    pub(super) const fn normal(&self) -> &Normal<String> {
        &self.root
    }

    /// Decides the rule for a token, exactly as the equivalent [`Requirement`] would.
    pub fn decide(&self, claims: &impl Facts) -> Decision {
        self.as_rule_ref().decide(claims)
    }

    pub(super) const fn as_rule_ref(&self) -> RuleRef<'_> {
        RuleRef::normal(&self.root)
    }
}

impl From<&Requirement> for Rule {
    fn from(requirement: &Requirement) -> Self {
        Self { root: requirement.normal().to_owned_text() }
    }
}

/// Reads the grammar of `#[requires(…)]`, except for constants, paths and checks, which only code can contain.
///
/// The work is linear in the text, apart from sorting, and nesting is bounded. So text from outside is safe to read.
impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        parse::parse(text).map(|root| Self { root })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

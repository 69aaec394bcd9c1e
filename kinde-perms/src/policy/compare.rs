//! Comparing rules by the tokens they admit.

use super::logic::{self, Atom, Formula};
use super::node::{Fact, Literal, Live};
use super::normal::Normal;
use super::rule::Rule;
use crate::claims::Principal;

impl Rule {
    /// Returns whether every token that satisfies this rule also satisfies another.
    ///
    /// The answer is exact, for any token and, of what Kinde is asked about, any account. In the worst case the work doubles
    /// with every fact that is named several times, so this is for rules of your own, not for text from outside.
    ///
    /// ```
    /// use kinde_perms::Rule;
    ///
    /// let narrow: Rule = r#"permissions = ["delete:todos"], roles = ["admin"]"#.parse()?;
    /// let wide: Rule = r#"any(permissions = ["delete:todos"], scopes = ["todos"])"#.parse()?;
    /// assert!(narrow.implies(&wide) && !wide.implies(&narrow));
    /// # Ok::<(), kinde_perms::RuleError>(())
    /// ```
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        implies(&formula(self.normal()), &formula(other.normal()))
    }

    /// Returns whether the same tokens satisfy both rules.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        self.implies(other) && other.implies(self)
    }

    /// Returns whether every verified token satisfies the rule.
    #[must_use]
    pub fn is_always_met(&self) -> bool {
        implies(&Formula::Always, &formula(self.normal()))
    }

    /// Returns whether no token can satisfy the rule.
    #[must_use]
    pub fn is_never_met(&self) -> bool {
        implies(&formula(self.normal()), &Formula::Never)
    }
}

fn implies(rule: &Formula, other: &Formula) -> bool {
    // No machine takes so many steps, so the answer is never left open.
    logic::implies(rule, other, &mut { u64::MAX }).unwrap_or(false)
}

fn formula(rule: &Normal<String>) -> Formula {
    let all = |parts: &[Normal<String>]| parts.iter().map(formula).collect();
    match rule {
        Normal::Always => Formula::Always,
        Normal::Never => Formula::Never,
        Normal::Held(fact) => Formula::Fact { atom: atom(fact), held: true },
        Normal::Lacked(fact) => Formula::Fact { atom: atom(fact), held: false },
        Normal::All(parts) => Formula::All(all(parts)),
        Normal::Any(parts) => Formula::Any(all(parts)),
    }
}

/// What Kinde says of a user is another source than the token, though its facts have the same names.
fn atom(fact: &Fact<String>) -> Atom {
    match fact {
        Fact::Permission(key) => key_of("permissions", key),
        Fact::Role(key) => key_of("roles", key),
        Fact::Scope(key) => key_of("scopes", key),
        Fact::FeatureFlag { name, value } => flag_of("feature_flags", name, value.as_ref()),
        Fact::Organization(code) => value_of("org", code.clone()),
        Fact::Principal(principal) => value_of(logic::PRINCIPAL, name_of(*principal).to_owned()),
        Fact::Live(Live::Permission(key)) => key_of("live permissions", key),
        Fact::Live(Live::Role(key)) => key_of("live roles", key),
        Fact::Live(Live::FeatureFlag { name, value }) => flag_of("live feature_flags", name, value.as_ref()),
        Fact::Live(Live::Entitlement(name)) => key_of("billing_entitlements", name),
    }
}

const fn name_of(principal: Principal) -> &'static str {
    let [machine, user] = logic::PRINCIPALS;
    match principal {
        Principal::Machine => machine,
        Principal::User => user,
    }
}

fn key_of(source: &'static str, key: &str) -> Atom {
    Atom { source, name: key.to_owned(), value: None }
}

fn value_of(source: &'static str, value: String) -> Atom {
    Atom { source, name: String::new(), value: Some(value) }
}

fn flag_of(source: &'static str, name: &str, value: Option<&Literal<String>>) -> Atom {
    Atom { source, name: name.to_owned(), value: value.map(ToString::to_string) }
}

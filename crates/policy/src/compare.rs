//! Comparison of rules by the tokens that they admit: [`logic`] searches, `formula` translates the normal form for it.

use super::atom::Atom;
use super::logic::{self, Formula};
use super::normal::Normal;
use super::rule::Rule;

impl Rule {
    /// Returns `true` if every token that satisfies this rule also satisfies another.
    ///
    /// The answer is exact, for every token and every account. In the worst case the work doubles with every fact that
    /// is named several times, so compare rules of your own, not text from outside.
    ///
    /// ```
    /// # extern crate kinde_perms_policy as kinde_perms;
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

    /// Returns `true` if the same tokens satisfy both rules.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        self.implies(other) && other.implies(self)
    }

    /// Returns `true` if every verified token satisfies the rule.
    #[must_use]
    pub fn is_always_met(&self) -> bool {
        implies(&Formula::Always, &formula(self.normal()))
    }

    /// Returns `true` if no token can satisfy the rule.
    #[must_use]
    pub fn is_never_met(&self) -> bool {
        implies(&formula(self.normal()), &Formula::Never)
    }
}

fn implies(rule: &Formula, other: &Formula) -> bool {
    // `u64::MAX` steps never run out.
    logic::implies(rule, other, &mut { u64::MAX }).unwrap_or(false)
}

fn formula(rule: &Normal<String>) -> Formula {
    let all = |parts: &[Normal<String>]| parts.iter().map(formula).collect();
    match rule {
        Normal::Always => Formula::Always,
        Normal::Never => Formula::Never,
        Normal::Held(fact) => Formula::Fact { atom: Atom::of(fact), held: true },
        Normal::Lacked(fact) => Formula::Fact { atom: Atom::of(fact), held: false },
        Normal::All(parts) => Formula::All(all(parts)),
        Normal::Any(parts) => Formula::Any(all(parts)),
    }
}

//! Whether one rule admits every token that another admits.
//!
//! The answer is exact. Rules differ if some token satisfies the one and not the other, so the search splits the tokens by
//! one fact after the other, in all the ways in which a token can stand to it, until both rules are settled. What a
//! token can be is more than each fact by itself: a malformed claim makes all of its facts unknown, a flag has one value, a
//! token one organisation and one principal.

use super::assume::{assume, for_each_fact};
use super::node::{Fact, Leaf, Literal};
use super::normal::Normal;
use super::rule::Rule;
use crate::claims::{Principal, Standing};

impl Rule {
    /// Returns whether every token that satisfies this rule also satisfies another.
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
        !escapes(self.normal(), other.normal(), &mut Vec::new())
    }

    /// Returns whether the same tokens satisfy both rules.
    #[must_use]
    pub fn is_equivalent(&self, other: &Self) -> bool {
        self.implies(other) && other.implies(self)
    }

    /// Returns whether every verified token satisfies the rule.
    #[must_use]
    pub fn is_always_met(&self) -> bool {
        !escapes(&Normal::Always, self.normal(), &mut Vec::new())
    }

    /// Returns whether no token can satisfy the rule.
    #[must_use]
    pub fn is_never_met(&self) -> bool {
        !escapes(self.normal(), &Normal::Never, &mut Vec::new())
    }
}

/// One way in which tokens can stand to a fact, and to those that go with it.
#[derive(Clone, Debug)]
enum Case {
    /// The claim is malformed, or absent where that tells nothing.
    Unknown(&'static str),
    /// The claim is well-formed: nothing follows for a fact yet.
    Known(&'static str),
    /// The fact stands so.
    Stands(Fact<String>, Standing),
    /// The token is of this organisation, so of no other.
    Organization(String),
    /// It speaks for this principal, so for no other.
    Principal(Principal),
    /// The flag has this value.
    Flag { name: String, value: Value },
}

/// What a flag can be, as far as rules can tell values apart.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Absent,
    Is(Literal<String>),
    /// None that a rule names, and not `false`.
    Other,
}

/// Whether some token satisfies `rule` and not `other`. `known` lists the claims that are well-formed.
fn escapes(rule: &Normal<String>, other: &Normal<String>, known: &mut Vec<&'static str>) -> bool {
    if *rule == Normal::Never || *other == Normal::Always || rule == other {
        return false;
    }
    let Some(fact) = first_fact(rule).or_else(|| first_fact(other)) else { return true };
    cases(&fact, [rule, other], known).into_iter().any(|case| {
        let mut known = known.clone();
        if let Case::Known(claim) = case {
            known.push(claim);
        }
        let settle = |rule| assume(rule, &|leaf: &Leaf<'_>| case.standing(leaf));
        escapes(&settle(rule), &settle(other), &mut known)
    })
}

fn first_fact(rule: &Normal<String>) -> Option<Fact<String>> {
    let mut first = None;
    for_each_fact(rule, &mut |leaf| {
        first.get_or_insert_with(|| leaf.to_owned_fact());
    });
    first
}

/// All ways in which tokens can stand to a fact.
fn cases(fact: &Fact<String>, rules: [&Normal<String>; 2], known: &[&'static str]) -> Vec<Case> {
    let claim = fact.claim();
    match fact {
        Fact::Principal(_) => [Principal::User, Principal::Machine].map(Case::Principal).into(),
        _ if !known.contains(&claim) => vec![Case::Unknown(claim), Case::Known(claim)],
        Fact::Organization(code) => {
            vec![Case::Organization(code.clone()), Case::Stands(fact.clone(), Standing::Lacking)]
        }
        Fact::FeatureFlag { name, .. } => {
            values(name, rules).into_iter().map(|value| Case::Flag { name: name.clone(), value }).collect()
        }
        _ => [Standing::Held, Standing::Lacking].map(|standing| Case::Stands(fact.clone(), standing)).into(),
    }
}

/// The values of a flag that the rules can tell apart.
fn values(flag: &str, rules: [&Normal<String>; 2]) -> Vec<Value> {
    let mut values = vec![Value::Absent, Value::Other, Value::Is(Literal::Bool(false))];
    for rule in rules {
        for_each_fact(rule, &mut |leaf| {
            if let Fact::FeatureFlag { name, value: Some(_) } = leaf
                && *name == flag
                && let Fact::FeatureFlag { value: Some(literal), .. } = leaf.to_owned_fact()
            {
                let value = Value::Is(literal);
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        });
    }
    values
}

impl Case {
    /// How tokens of this case stand to a fact, if that is settled.
    fn standing(&self, leaf: &Leaf<'_>) -> Option<Standing> {
        match (self, leaf) {
            (Self::Unknown(claim), _) => (leaf.claim() == *claim).then_some(Standing::Unknown),
            (Self::Stands(fact, standing), _) => (fact.as_leaf() == *leaf).then_some(*standing),
            (Self::Organization(held), Fact::Organization(code)) => Some(Standing::known(held == code)),
            (Self::Principal(held), Fact::Principal(principal)) => Some(Standing::known(held == principal)),
            (Self::Flag { name: flag, value: held }, Fact::FeatureFlag { name, value }) => {
                (flag == name).then(|| Standing::known(held.satisfies(value.as_ref())))
            }
            // Nothing follows from a claim being well-formed, nor from what another fact is.
            _ => None,
        }
    }
}

impl Value {
    /// As a flag is compared: named alone it must be there and not `false`.
    fn satisfies(&self, wanted: Option<&Literal<&str>>) -> bool {
        match (self, wanted) {
            (Self::Absent, _) | (Self::Other, Some(_)) => false,
            (Self::Other, None) => true,
            (Self::Is(held), None) => *held != Literal::Bool(false),
            (Self::Is(held), Some(wanted)) => held.as_literal() == *wanted,
        }
    }
}

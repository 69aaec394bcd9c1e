//! Whether one rule admits every token that another admits.
//!
//! [`implies`] searches for a counterexample: a token that satisfies `rule` and does not satisfy `other`. The answer is
//! exact.
//!
//! 1. [`Variables`] turns the atoms of both rules into variables that vary independently. A fact depends on two of them: one
//!    says whether the claim is known, the other says what the claim contains. The module `variables` has the reasons.
//! 2. `Search::condition` turns "`rule` holds" and "`other` does not hold" into [`Condition`]s, whose leaves are
//!    [`Membership`]s: a variable is in one of some states.
//! 3. `Search::is_satisfiable` keeps the states that are still open for each variable, the `domains`. A membership that
//!    must hold narrows its domain, and a narrower domain simplifies other conditions. This repeats until nothing
//!    changes.
//! 4. Of the rest, `find_conflict` looks for a variable that different parts want in states that exclude each other. Without
//!    one, every part can have its states, and the search has found a counterexample.
//! 5. With one, the search tries both halves of the domain: the states of that membership, and the others.
//!
//! Rules that name every fact once are never split. In the worst case the work doubles with every split, so the search
//! counts its steps, and the caller sets the limit.
//!
//! The macros call [`implies`] for the parts of an attribute, and [`compare`](super::compare) for whole rules.

use std::mem;
use std::rc::Rc;

use super::atom::Atom;
use super::variables::{States, Variables};

/// A rule as the search reads it: negation at the facts only.
#[derive(Clone, Debug)]
pub enum Formula {
    /// Holds for every verified token.
    Always,
    /// Holds for no token.
    Never,
    /// Holds for a token known to hold the fact, or known to lack it.
    Fact {
        /// The fact.
        atom: Atom,
        /// `true` if the fact must be held, `false` if it must be lacked.
        held: bool,
    },
    /// Every part must hold.
    All(Vec<Formula>),
    /// At least one part must hold.
    Any(Vec<Formula>),
}

/// Returns `true` if every token that satisfies `rule` satisfies `other`; `None` if `steps` run out first.
///
/// A step is a visit to one part of a formula, or to 64 states of one variable. The steps used are subtracted from `steps`.
pub fn implies(rule: &Formula, other: &Formula, steps: &mut u64) -> Option<bool> {
    let mut variables = Variables::default();
    for formula in [rule, other] {
        formula.for_each_atom(&mut |atom| variables.add(atom));
    }
    let mut search = Search { steps };
    let counterexample =
        vec![search.condition(&variables, rule, true)?, search.condition(&variables, other, false)?];
    search.is_satisfiable(counterexample, variables.domains()).map(|found| !found)
}

impl Formula {
    /// Visits every atom that the formula names.
    pub fn for_each_atom<'a>(&'a self, visit: &mut impl FnMut(&'a Atom)) {
        match self {
            Self::Always | Self::Never => {}
            Self::Fact { atom, .. } => visit(atom),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.for_each_atom(visit)),
        }
    }
}

/// A condition on the variables of a token.
#[derive(Clone)]
enum Condition {
    Known(bool),
    In(Rc<Membership>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// A variable is in one of `states`.
struct Membership {
    variable: usize,
    states: States,
}

struct Search<'s> {
    steps: &'s mut u64,
}

impl Search<'_> {
    /// Returns the condition that a formula holds, or, unless `wanted`, that it does not hold.
    fn condition(&mut self, variables: &Variables<'_>, formula: &Formula, wanted: bool) -> Option<Condition> {
        self.spend(1)?;
        Some(match formula {
            Formula::Always => Condition::Known(wanted),
            Formula::Never => Condition::Known(!wanted),
            Formula::Fact { atom, held } => self.fact(variables, atom, *held, wanted)?,
            Formula::All(parts) if wanted => Condition::All(self.conditions(variables, parts, wanted)?),
            Formula::Any(parts) if !wanted => Condition::All(self.conditions(variables, parts, wanted)?),
            Formula::All(parts) | Formula::Any(parts) => {
                Condition::Any(self.conditions(variables, parts, wanted)?)
            }
        })
    }

    fn conditions(
        &mut self,
        variables: &Variables<'_>,
        parts: &[Formula],
        wanted: bool,
    ) -> Option<Vec<Condition>> {
        parts.iter().map(|part| self.condition(variables, part, wanted)).collect()
    }

    /// Returns the condition of a fact. The rule gets the fact that it wants if the source is known *and* the value
    /// agrees. It does not get it if the source is unknown *or* the value disagrees.
    fn fact(
        &mut self,
        variables: &Variables<'_>,
        atom: &Atom,
        held: bool,
        wanted: bool,
    ) -> Option<Condition> {
        let parts: Vec<_> =
            [variables.source_states(atom, wanted), variables.fact_states(atom, held, wanted)]
                .into_iter()
                .flatten()
                .map(|(variable, states)| Condition::In(Rc::new(Membership { variable, states })))
                .collect();
        for part in &parts {
            self.spend(part.words())?;
        }
        Some(if wanted { Condition::All(parts) } else { Condition::Any(parts) })
    }

    /// Returns `true` if some token satisfies all conditions with the states in `domains`.
    fn is_satisfiable(&mut self, mut conditions: Vec<Condition>, mut domains: Vec<States>) -> Option<bool> {
        let mut narrowed = true;
        while narrowed {
            narrowed = false;
            // The order alternates: a condition may be simplified by the one after it or by the one before it.
            for condition in mem::take(&mut conditions).into_iter().rev() {
                match self.simplified(&condition, &domains)? {
                    Condition::Known(true) => {}
                    Condition::Known(false) => return Some(false),
                    Condition::In(membership) => {
                        membership.restrict(&mut domains);
                        narrowed = true;
                    }
                    Condition::All(parts) => {
                        conditions.extend(parts);
                        narrowed = true;
                    }
                    Condition::Any(parts) => conditions.push(Condition::Any(parts)),
                }
            }
        }
        // Pays for the copies of `domains` below. The last round of the loop has paid for reading `conditions`.
        self.spend(domains.iter().map(States::words).sum())?;
        let Some(membership) = find_conflict(&conditions, &domains) else { return Some(true) };
        let mut others = domains.clone();
        membership.restrict(&mut domains);
        if let Some(states) = others.get_mut(membership.variable) {
            *states = states.without(&membership.states);
        }
        Some(self.is_satisfiable(conditions.clone(), domains)? || self.is_satisfiable(conditions, others)?)
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        let left = self.steps.checked_sub(u64::try_from(steps).ok()?);
        *self.steps = left.unwrap_or(0);
        left.map(drop)
    }

    /// Returns the condition without the parts that the open states in `domains` already decide.
    fn simplified(&mut self, condition: &Condition, domains: &[States]) -> Option<Condition> {
        self.spend(condition.words())?;
        Some(match condition {
            Condition::Known(answer) => Condition::Known(*answer),
            Condition::In(membership) => match domains.get(membership.variable) {
                Some(open) if open.and(&membership.states).is_empty() => Condition::Known(false),
                Some(open) if !open.without(&membership.states).is_empty() => condition.clone(),
                _ => Condition::Known(true),
            },
            Condition::All(parts) => self.join(false, parts, domains)?,
            Condition::Any(parts) => self.join(true, parts, domains)?,
        })
    }

    /// Simplifies the parts of an `Any` (`decisive` is `true`) or an `All` (`false`). One part that is known to be
    /// `decisive` decides the whole; if no parts are left, the whole is the opposite.
    fn join(&mut self, decisive: bool, parts: &[Condition], domains: &[States]) -> Option<Condition> {
        let mut open = Vec::new();
        for part in parts {
            match (self.simplified(part, domains)?, decisive) {
                (Condition::Known(answer), _) if answer == decisive => {
                    return Some(Condition::Known(answer));
                }
                (Condition::Known(_), _) => {}
                (Condition::All(inner), false) | (Condition::Any(inner), true) => open.extend(inner),
                (other, _) => open.push(other),
            }
        }
        Some(match (open.pop(), decisive) {
            (None, _) => Condition::Known(!decisive),
            (Some(only), _) if open.is_empty() => only,
            (Some(last), decisive) => {
                open.push(last);
                if decisive { Condition::Any(open) } else { Condition::All(open) }
            }
        })
    }
}

impl Condition {
    /// Returns the steps that a visit to the condition costs, without its parts.
    fn words(&self) -> usize {
        if let Self::In(membership) = self { membership.states.words() } else { 1 }
    }
}

impl Membership {
    /// Removes all other states from the domain of the variable.
    fn restrict(&self, domains: &mut [States]) {
        if let Some(states) = domains.get_mut(self.variable) {
            *states = states.and(&self.states);
        }
    }
}

/// Finds a variable that different parts want in states that exclude each other.
fn find_conflict(conditions: &[Condition], domains: &[States]) -> Option<Rc<Membership>> {
    let mut agreed = domains.to_vec();
    conditions.iter().find_map(|condition| conflict_in(condition, &mut agreed))
}

fn conflict_in(condition: &Condition, agreed: &mut [States]) -> Option<Rc<Membership>> {
    match condition {
        Condition::Known(_) => None,
        Condition::In(membership) => {
            membership.restrict(agreed);
            agreed.get(membership.variable)?.is_empty().then(|| Rc::clone(membership))
        }
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().find_map(|part| conflict_in(part, agreed))
        }
    }
}

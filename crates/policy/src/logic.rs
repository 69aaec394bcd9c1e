//! Whether one rule admits every token that another admits.
//!
//! The answer is exact. Rules differ if some token satisfies the one and not the other, so that is what is searched for.
//! What a token can be is more than each fact by itself: a claim that is malformed, or absent where that tells nothing,
//! makes all of its facts unknown; a flag has one value, and one of another type than a rule compares with leaves that
//! unknown; a token has one organisation and one principal. So a fact is two things at once, that its claim is known and
//! what the claim says, and these vary freely.
//!
//! The search follows what must be, and splits the tokens only by what one part of the condition wants one way and another
//! part another way. A rule that names everything once is never split. In the worst case the work doubles with every fact
//! that is split, so it is counted, and the caller says how much is too much.
//!
//! The macros ask it of what was written, with its spans, and [`compare`](super::compare) of rules: both turn theirs into
//! [`Formula`]s.

use std::mem;
use std::rc::Rc;

use super::atom::Atom;
use super::variables::{States, Variables};

/// A rule as a search needs it: negation at the facts only.
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
        /// Whether it must be held.
        held: bool,
    },
    /// Every part must hold.
    All(Vec<Formula>),
    /// At least one part must hold.
    Any(Vec<Formula>),
}

/// Returns whether every token that satisfies `rule` satisfies `other`; `None` if `steps` end before that is known.
///
/// A step is one part of a formula, or 64 states of one thing it is about, that is looked at. What was used is taken off
/// `steps`.
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
    /// Lends every atom that it names, in turn.
    pub fn for_each_atom<'a>(&'a self, visit: &mut impl FnMut(&'a Atom)) {
        match self {
            Self::Always | Self::Never => {}
            Self::Fact { atom, .. } => visit(atom),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.for_each_atom(visit)),
        }
    }
}

/// A condition about a token: the rules' facts, as things that vary freely.
#[derive(Clone)]
enum Condition {
    Known(bool),
    In(Rc<Membership>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// That a thing is in one of some states.
struct Membership {
    variable: usize,
    states: States,
}

struct Search<'s> {
    steps: &'s mut u64,
}

impl Search<'_> {
    /// Asks whether a formula holds, or whether it does not.
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

    /// A fact stands as a rule wants it if its claim is known and says so; else the one or the other is not so.
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

    /// Whether some token answers all conditions with yes; `domains` are the states that are still open.
    fn is_satisfiable(&mut self, mut conditions: Vec<Condition>, mut domains: Vec<States>) -> Option<bool> {
        let mut narrowed = true;
        while narrowed {
            narrowed = false;
            // From the other end each time, as one thing may follow from the next or from the one before.
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
        // What copies and compares them costs no more than this, and than what the last round has looked at.
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

    /// Answers what the open states leave no doubt about, and drops it.
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

    /// Joins parts, one of which answers the whole by being `decisive`; nothing answers it the other way.
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
    /// How much there is to look at of the condition itself, without its parts.
    fn words(&self) -> usize {
        if let Self::In(membership) = self { membership.states.words() } else { 1 }
    }
}

impl Membership {
    /// Closes all other states.
    fn restrict(&self, domains: &mut [States]) {
        if let Some(states) = domains.get_mut(self.variable) {
            *states = states.and(&self.states);
        }
    }
}

/// Finds a thing that different parts want in states that exclude each other. If there is none, every part can have what
/// it wants.
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

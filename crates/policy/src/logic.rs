//! Whether one rule admits every token that another admits.
//!
//! The answer is exact. Rules differ if some token satisfies the one and not the other, so that is what is searched for.
//! What a token can be is more than each fact by itself: a claim that is malformed, or absent where that tells nothing,
//! makes all of its facts unknown; a flag has one value, and one of another type than a rule compares with leaves that
//! unknown; a token has one organisation and one principal. So a fact is two things at once, that its claim is known and
//! what the claim says, and these vary freely.
//!
//! The search follows what must be, and splits the tokens only by what one part of the question wants one way and another
//! part another way. A rule that names everything once is never split. In the worst case the work doubles with every fact
//! that is split, so it is counted, and the caller says how much is too much.
//!
//! The macros ask it of what was written, with its spans, and [`compare`](super::compare) of rules: both turn theirs into
//! [`Formula`]s.

use std::mem;
use std::rc::Rc;

use super::atom::Atom;
use super::world::{States, World};

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
    let mut world = World::default();
    for formula in [rule, other] {
        formula.for_each_atom(&mut |atom| world.add(atom));
    }
    let mut search = Search { steps };
    let escape = vec![search.question(&world, rule, true)?, search.question(&world, other, false)?];
    search.finds(escape, world.domains()).map(|found| !found)
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

/// A question about a token: the rules' facts, as things that vary freely.
#[derive(Clone)]
enum Question {
    Answered(bool),
    Is(Rc<Choice>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// That a thing is in one of some states.
struct Choice {
    place: usize,
    states: States,
}

struct Search<'s> {
    steps: &'s mut u64,
}

impl Search<'_> {
    /// Asks whether a formula holds, or whether it does not.
    fn question(&mut self, world: &World<'_>, formula: &Formula, wanted: bool) -> Option<Question> {
        self.spend(1)?;
        Some(match formula {
            Formula::Always => Question::Answered(wanted),
            Formula::Never => Question::Answered(!wanted),
            Formula::Fact { atom, held } => self.fact(world, atom, *held, wanted)?,
            Formula::All(parts) if wanted => Question::All(self.questions(world, parts, wanted)?),
            Formula::Any(parts) if !wanted => Question::All(self.questions(world, parts, wanted)?),
            Formula::All(parts) | Formula::Any(parts) => Question::Any(self.questions(world, parts, wanted)?),
        })
    }

    fn questions(&mut self, world: &World<'_>, parts: &[Formula], wanted: bool) -> Option<Vec<Question>> {
        parts.iter().map(|part| self.question(world, part, wanted)).collect()
    }

    /// A fact stands as a rule wants it if its claim is known and says so; else the one or the other is not so.
    fn fact(&mut self, world: &World<'_>, atom: &Atom, held: bool, wanted: bool) -> Option<Question> {
        let parts: Vec<_> = [world.source(atom, wanted), world.fact(atom, held, wanted)]
            .into_iter()
            .flatten()
            .map(|(place, states)| Question::Is(Rc::new(Choice { place, states })))
            .collect();
        for part in &parts {
            self.spend(part.words())?;
        }
        Some(if wanted { Question::All(parts) } else { Question::Any(parts) })
    }

    /// Whether some token answers all questions with yes; `domains` are the states that are still open.
    fn finds(&mut self, mut questions: Vec<Question>, mut domains: Vec<States>) -> Option<bool> {
        let mut narrowed = true;
        while narrowed {
            narrowed = false;
            // From the other end each time, as one thing may follow from the next or from the one before.
            for question in mem::take(&mut questions).into_iter().rev() {
                match self.answered(&question, &domains)? {
                    Question::Answered(true) => {}
                    Question::Answered(false) => return Some(false),
                    Question::Is(choice) => {
                        choice.close(&mut domains);
                        narrowed = true;
                    }
                    Question::All(parts) => {
                        questions.extend(parts);
                        narrowed = true;
                    }
                    Question::Any(parts) => questions.push(Question::Any(parts)),
                }
            }
        }
        // What copies and compares them costs no more than this, and than what the last round has looked at.
        self.spend(domains.iter().map(States::words).sum())?;
        let Some(choice) = disputed(&questions, &domains) else { return Some(true) };
        let mut others = domains.clone();
        choice.close(&mut domains);
        if let Some(states) = others.get_mut(choice.place) {
            *states = states.without(&choice.states);
        }
        Some(self.finds(questions.clone(), domains)? || self.finds(questions, others)?)
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        let left = self.steps.checked_sub(u64::try_from(steps).ok()?);
        *self.steps = left.unwrap_or(0);
        left.map(drop)
    }

    /// Answers what the open states leave no doubt about, and drops it.
    fn answered(&mut self, question: &Question, domains: &[States]) -> Option<Question> {
        self.spend(question.words())?;
        Some(match question {
            Question::Answered(answer) => Question::Answered(*answer),
            Question::Is(choice) => match domains.get(choice.place) {
                Some(open) if open.and(&choice.states).is_empty() => Question::Answered(false),
                Some(open) if !open.without(&choice.states).is_empty() => question.clone(),
                _ => Question::Answered(true),
            },
            Question::All(parts) => self.joined(false, parts, domains)?,
            Question::Any(parts) => self.joined(true, parts, domains)?,
        })
    }

    /// Joins parts, one of which answers the whole by being `decisive`; nothing answers it the other way.
    fn joined(&mut self, decisive: bool, parts: &[Question], domains: &[States]) -> Option<Question> {
        let mut open = Vec::new();
        for part in parts {
            match (self.answered(part, domains)?, decisive) {
                (Question::Answered(answer), _) if answer == decisive => {
                    return Some(Question::Answered(answer));
                }
                (Question::Answered(_), _) => {}
                (Question::All(inner), false) | (Question::Any(inner), true) => open.extend(inner),
                (other, _) => open.push(other),
            }
        }
        Some(match (open.pop(), decisive) {
            (None, _) => Question::Answered(!decisive),
            (Some(only), _) if open.is_empty() => only,
            (Some(last), decisive) => {
                open.push(last);
                if decisive { Question::Any(open) } else { Question::All(open) }
            }
        })
    }
}

impl Question {
    /// How much there is to look at of the question itself, without its parts.
    fn words(&self) -> usize {
        if let Self::Is(choice) = self { choice.states.words() } else { 1 }
    }
}

impl Choice {
    /// Closes all other states.
    fn close(&self, domains: &mut [States]) {
        if let Some(states) = domains.get_mut(self.place) {
            *states = states.and(&self.states);
        }
    }
}

/// Finds a thing that different parts want in states that exclude each other. If there is none, every part can have what
/// it wants.
fn disputed(questions: &[Question], domains: &[States]) -> Option<Rc<Choice>> {
    let mut agreed = domains.to_vec();
    questions.iter().find_map(|question| first_disputed(question, &mut agreed))
}

fn first_disputed(question: &Question, agreed: &mut [States]) -> Option<Rc<Choice>> {
    match question {
        Question::Answered(_) => None,
        Question::Is(choice) => {
            choice.close(agreed);
            agreed.get(choice.place)?.is_empty().then(|| Rc::clone(choice))
        }
        Question::All(parts) | Question::Any(parts) => {
            parts.iter().find_map(|part| first_disputed(part, agreed))
        }
    }
}

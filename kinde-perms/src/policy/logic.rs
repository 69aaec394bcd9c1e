//! Whether one rule admits every token that another admits.
//!
//! The answer is exact. Rules differ if some token satisfies the one and not the other, so that is what is searched for.
//! What a token can be is more than each fact by itself: a claim that is malformed, or absent where that tells nothing,
//! makes all of its facts unknown; a flag has one value, a token one organisation and one principal. So a fact is two
//! things at once, that its claim is known and what the claim says, and these vary freely.
//!
//! The search follows what must be, and splits the tokens only by what one part of the question wants one way and another
//! part another way. A rule that names everything once is never split. In the worst case the work doubles with every fact
//! that is split, so it is counted, and the caller says how much is too much.
//!
//! The macro crate compiles this file too, to find rules that cannot be meant. So it knows neither crate: both turn their
//! rules into [`Formula`]s.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::rc::Rc;

/// A rule as a search needs it: negation at the facts only.
#[derive(Clone, Debug)]
pub(crate) enum Formula {
    /// Holds for every verified token.
    Always,
    /// Holds for no token.
    Never,
    /// Holds for a token known to hold the fact, or known to lack it.
    Fact { atom: Atom, held: bool },
    /// Every part must hold.
    All(Vec<Formula>),
    /// At least one part must hold.
    Any(Vec<Formula>),
}

/// One fact about a token: that something is there, or that it has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Atom {
    /// Where the fact comes from; what makes one fact of it unknown makes all of them.
    pub(crate) source: &'static str,
    /// The key within the source; empty where there can be one value only.
    pub(crate) name: String,
    /// The value it must have, as a rule writes it; `None` for any but `false`.
    pub(crate) value: Option<String>,
}

/// The source of the principal, which is always known, and is one of the two.
pub(crate) const PRINCIPAL: &str = "principal";

/// The principals, as values of that source.
pub(crate) const PRINCIPALS: [&str; 2] = ["machine", "user"];

/// Returns whether every token that satisfies `rule` satisfies `other`; `None` if `steps` end before that is known.
///
/// A step is one part of a formula, or one thing it is about, that is looked at. What was used is taken off `steps`.
pub(crate) fn implies(rule: &Formula, other: &Formula, steps: &mut u64) -> Option<bool> {
    let mut world = World::default();
    for formula in [rule, other] {
        formula.for_each_atom(&mut |atom| world.add(atom));
    }
    let escape = vec![world.question(rule, true), world.question(other, false)];
    Search { steps }.finds(escape, world.domains).map(|found| !found)
}

impl Formula {
    /// Lends every atom that it names, in turn.
    pub(crate) fn for_each_atom<'a>(&'a self, visit: &mut impl FnMut(&'a Atom)) {
        match self {
            Self::Always | Self::Never => {}
            Self::Fact { atom, .. } => visit(atom),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.for_each_atom(visit)),
        }
    }
}

/// What a token has to say about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State<'a> {
    /// Of a claim: it is malformed, or absent where that tells nothing.
    Unknown,
    /// Of a claim: its facts are held or lacked.
    Known,
    /// Of a fact: there is none.
    Absent,
    /// There is one, and it has this value.
    Is(&'a str),
    /// There is one; if it has a value, then none that the rules name, and not `false`.
    Other,
}

impl State<'_> {
    fn has(self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::Is(held), Some(wanted)) => held == wanted,
            (Self::Is(held), None) => held != "false",
            (Self::Other, wanted) => wanted.is_none(),
            (Self::Unknown | Self::Known | Self::Absent, _) => false,
        }
    }
}

type States<'a> = BTreeSet<State<'a>>;

/// What tokens can differ in, as far as the rules can tell: for each thing, the states it can be in.
#[derive(Default)]
struct World<'a> {
    places: BTreeMap<(&'static str, Option<&'a str>), usize>,
    domains: Vec<States<'a>>,
}

/// A question about a token: the rules' facts, as things that vary freely.
#[derive(Clone)]
enum Question<'a> {
    Answered(bool),
    Is(Rc<Choice<'a>>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// That a thing is in one of some states.
struct Choice<'a> {
    place: usize,
    states: States<'a>,
}

impl<'a> World<'a> {
    fn add(&mut self, atom: &'a Atom) {
        let fact = if atom.source == PRINCIPAL {
            self.place((PRINCIPAL, Some("")), &PRINCIPALS.map(State::Is))
        } else {
            self.place((atom.source, None), &[State::Unknown, State::Known]);
            self.place((atom.source, Some(&atom.name)), &[State::Absent, State::Other])
        };
        if let (Some(states), Some(value)) = (self.domains.get_mut(fact), &atom.value) {
            states.insert(State::Is(value));
        }
    }

    fn place(&mut self, thing: (&'static str, Option<&'a str>), states: &[State<'a>]) -> usize {
        *self.places.entry(thing).or_insert_with(|| {
            self.domains.push(states.iter().copied().collect());
            self.domains.len().saturating_sub(1)
        })
    }

    /// Asks whether a formula holds, or whether it does not.
    fn question(&self, formula: &Formula, wanted: bool) -> Question<'a> {
        let all = |parts: &[Formula]| parts.iter().map(|part| self.question(part, wanted)).collect();
        match formula {
            Formula::Always => Question::Answered(wanted),
            Formula::Never => Question::Answered(!wanted),
            Formula::Fact { atom, held } => self.fact(atom, *held, wanted),
            Formula::All(parts) if wanted => Question::All(all(parts)),
            Formula::Any(parts) if !wanted => Question::All(all(parts)),
            Formula::All(parts) | Formula::Any(parts) => Question::Any(all(parts)),
        }
    }

    /// A fact stands as a rule wants it if its claim is known and says so; else the one or the other is not so.
    fn fact(&self, atom: &Atom, held: bool, wanted: bool) -> Question<'a> {
        let says = |state: State<'_>| (state.has(atom.value.as_deref()) == held) == wanted;
        let parts: Vec<_> = [
            self.choice((atom.source, None), |state| (state == State::Known) == wanted),
            self.choice((atom.source, Some(&atom.name)), says),
        ]
        .into_iter()
        .flatten()
        .collect();
        if wanted { Question::All(parts) } else { Question::Any(parts) }
    }

    fn choice(
        &self,
        thing: (&'static str, Option<&str>),
        fits: impl Fn(State<'_>) -> bool,
    ) -> Option<Question<'a>> {
        let place = *self.places.get(&thing)?;
        let states = self.domains.get(place)?.iter().copied().filter(|state| fits(*state)).collect();
        Some(Question::Is(Rc::new(Choice { place, states })))
    }
}

struct Search<'s> {
    steps: &'s mut u64,
}

impl Search<'_> {
    /// Whether some token answers all questions with yes; `domains` are the states that are still open.
    fn finds<'a>(&mut self, mut questions: Vec<Question<'a>>, mut domains: Vec<States<'a>>) -> Option<bool> {
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
        self.spend(domains.len())?;
        let Some(choice) = disputed(&questions, &domains) else { return Some(true) };
        let Some(states) = domains.get_mut(choice.place) else { return Some(true) };
        let (inside, outside) = states.iter().copied().partition(|state| choice.states.contains(state));
        *states = inside;
        let mut others = domains.clone();
        if let Some(states) = others.get_mut(choice.place) {
            *states = outside;
        }
        Some(self.finds(questions.clone(), domains)? || self.finds(questions, others)?)
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        let left = self.steps.checked_sub(u64::try_from(steps).ok()?);
        *self.steps = left.unwrap_or(0);
        left.map(drop)
    }

    /// Answers what the open states leave no doubt about, and drops it.
    fn answered<'a>(&mut self, question: &Question<'a>, domains: &[States<'a>]) -> Option<Question<'a>> {
        self.spend(1)?;
        Some(match question {
            Question::Answered(answer) => Question::Answered(*answer),
            Question::Is(choice) => match domains.get(choice.place) {
                Some(open) if open.is_disjoint(&choice.states) => Question::Answered(false),
                Some(open) if !open.is_subset(&choice.states) => question.clone(),
                _ => Question::Answered(true),
            },
            Question::All(parts) => self.joined(false, parts, domains)?,
            Question::Any(parts) => self.joined(true, parts, domains)?,
        })
    }

    /// Joins parts, one of which answers the whole by being `decisive`; nothing answers it the other way.
    fn joined<'a>(
        &mut self,
        decisive: bool,
        parts: &[Question<'a>],
        domains: &[States<'a>],
    ) -> Option<Question<'a>> {
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

impl<'a> Choice<'a> {
    /// Closes all other states.
    fn close(&self, domains: &mut [States<'a>]) {
        if let Some(states) = domains.get_mut(self.place) {
            states.retain(|state| self.states.contains(state));
        }
    }
}

/// Finds a thing that different parts want in states that exclude each other. If there is none, every part can have what
/// it wants.
fn disputed<'a>(questions: &[Question<'a>], domains: &[States<'a>]) -> Option<Rc<Choice<'a>>> {
    let mut agreed = domains.to_vec();
    questions.iter().find_map(|question| first_disputed(question, &mut agreed))
}

fn first_disputed<'a>(question: &Question<'a>, agreed: &mut [States<'a>]) -> Option<Rc<Choice<'a>>> {
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

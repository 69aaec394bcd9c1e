//! Whether one rule admits every token that another admits.
//!
//! The answer is exact. Rules differ if some token satisfies the one and not the other, so the search tries all tokens
//! that the facts of both can tell apart, and passes over those for which either rule is settled already. What a token
//! can be is more than each fact by itself: a malformed claim makes all of its facts unknown, a flag has one value, a token
//! one organization and one principal.
//!
//! The macro crate compiles this file too, to find rules that cannot be meant. So it knows neither crate: both turn their
//! rules into [`Formula`]s.

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

/// Returns whether every token that satisfies `rule` satisfies `other`; `None` if that would take more than `steps`.
pub(crate) fn implies(rule: &Formula, other: &Formula, steps: u64) -> Option<bool> {
    let mut variables = Vec::new();
    for formula in [rule, other] {
        formula.for_each_atom(&mut |atom| add(&mut variables, atom));
    }
    let mut search = Search { rule, other, variables: &variables, steps };
    search.finds_an_escape(&mut Vec::new()).map(|found| !found)
}

/// What a fact can be about, and all it can be as far as the rules can tell.
struct Variable<'a> {
    source: &'static str,
    name: &'a str,
    states: Vec<State<'a>>,
}

/// What a token has to say about a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State<'a> {
    /// The claim is malformed, or absent where that tells nothing.
    Unknown,
    /// There is none.
    Absent,
    /// There is one, and it has this value.
    Is(&'a str),
    /// There is one; if it has a value, then none that the rules name, and not `false`.
    Other,
}

fn add<'a>(variables: &mut Vec<Variable<'a>>, atom: &'a Atom) {
    let found = variables.iter().position(|variable| variable.is_of(atom));
    let at = found.unwrap_or(variables.len());
    if found.is_none() {
        variables.push(Variable::new(atom));
    }
    if let (Some(variable), Some(value)) = (variables.get_mut(at), &atom.value) {
        let state = State::Is(value);
        if !variable.states.contains(&state) {
            variable.states.push(state);
        }
    }
}

impl<'a> Variable<'a> {
    fn new(atom: &'a Atom) -> Self {
        let states = if atom.source == PRINCIPAL {
            PRINCIPALS.map(State::Is).into()
        } else {
            vec![State::Unknown, State::Absent, State::Other]
        };
        Self { source: atom.source, name: &atom.name, states }
    }

    fn is_of(&self, atom: &Atom) -> bool {
        self.source == atom.source && self.name == atom.name
    }
}

impl State<'_> {
    /// Whether a fact holds, and so whether it is lacked; `None` if that is unknown.
    fn holds(self, value: Option<&str>) -> Option<bool> {
        match (self, value) {
            (Self::Unknown, _) => None,
            (Self::Absent, _) | (Self::Other, Some(_)) => Some(false),
            (Self::Other, None) => Some(true),
            (Self::Is(held), None) => Some(held != "false"),
            (Self::Is(held), Some(wanted)) => Some(held == wanted),
        }
    }
}

struct Search<'a> {
    rule: &'a Formula,
    other: &'a Formula,
    variables: &'a [Variable<'a>],
    steps: u64,
}

impl<'a> Search<'a> {
    /// Whether some token satisfies the rule and not the other, `known` being the states of the first variables.
    fn finds_an_escape(&mut self, known: &mut Vec<State<'a>>) -> Option<bool> {
        self.steps = self.steps.checked_sub(1)?;
        let (rule, other) = (self.value(self.rule, known), self.value(self.other, known));
        if rule == Some(false) || other == Some(true) {
            return Some(false);
        }
        let Some(next) = self.variables.get(known.len()) else { return Some(true) };
        if rule == Some(true) && other == Some(false) {
            return Some(true);
        }
        for state in &next.states {
            if self.fits(next, *state, known) {
                known.push(*state);
                let found = self.finds_an_escape(known)?;
                known.pop();
                if found {
                    return Some(true);
                }
            }
        }
        Some(false)
    }

    /// Whether a state agrees with what is known: either all facts of a source are unknown or none is.
    fn fits(&self, next: &Variable<'_>, state: State<'_>, known: &[State<'_>]) -> bool {
        let mut settled = self.variables.iter().zip(known);
        let earlier = settled.find(|(variable, _)| variable.source == next.source);
        earlier.is_none_or(|(_, earlier)| (*earlier == State::Unknown) == (state == State::Unknown))
    }

    /// Whether a formula holds; `None` as long as that is open.
    fn value(&self, formula: &Formula, known: &[State<'_>]) -> Option<bool> {
        match formula {
            Formula::Always => Some(true),
            Formula::Never => Some(false),
            Formula::Fact { atom, held } => {
                let mut settled = self.variables.iter().zip(known);
                let (_, state) = settled.find(|(variable, _)| variable.is_of(atom))?;
                Some(state.holds(atom.value.as_deref()) == Some(*held))
            }
            Formula::All(parts) => self.first_of(false, parts, known),
            Formula::Any(parts) => self.first_of(true, parts, known),
        }
    }

    /// What parts come to, one of which settles the whole by being `settling`.
    fn first_of(&self, settling: bool, parts: &[Formula], known: &[State<'_>]) -> Option<bool> {
        let mut whole = Some(!settling);
        for part in parts {
            match self.value(part, known) {
                Some(value) if value == settling => return Some(settling),
                None => whole = None,
                Some(_) => {}
            }
        }
        whole
    }
}

impl Formula {
    fn for_each_atom<'a>(&'a self, visit: &mut impl FnMut(&'a Atom)) {
        match self {
            Self::Always | Self::Never => {}
            Self::Fact { atom, .. } => visit(atom),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.for_each_atom(visit)),
        }
    }
}

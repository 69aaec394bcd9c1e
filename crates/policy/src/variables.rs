//! What tokens can differ in, for [`logic`](super::logic): variables, each in one of some numbered states.

use std::collections::BTreeMap;

use super::atom::{Atom, AtomValue, ValueKind};
use super::fact::Source;
use super::kinds::Kind;
use super::principal::Principal;

/// What tokens can differ in, as far as the rules can tell: the variables that a token has something to say about, which are
/// the sources of facts, without a name, and the facts.
#[derive(Default)]
pub(super) struct Variables<'a>(BTreeMap<((Source, Kind), Option<&'a str>), Variable<'a>>);

/// One variable: of a source, whether its facts are known; of a fact, whether there is one, and its value.
struct Variable<'a> {
    index: usize,
    /// The number of each state that it can be in.
    states: BTreeMap<State<'a>, usize>,
}

/// The value of one claim entry in a token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State<'a> {
    /// Of a source: the claim is malformed, or absent where that tells nothing.
    Unknown,
    /// Of a source: its facts are held or lacked.
    Known,
    /// Of a fact: there is none.
    Absent,
    /// Of a fact without a value: there is one.
    Present,
    /// Of a flag: its value is of no type that the rules compare with.
    Foreign,
    /// Of a value: this type, and none that the rules name.
    Other(ValueKind),
    /// Of a value: this one.
    Is(ValueKind, &'a str),
}

impl<'a> Variables<'a> {
    /// Takes in what a rule names.
    pub(super) fn add(&mut self, atom: &'a Atom) {
        if atom.source.1 == Kind::Principal {
            self.put(
                atom.source,
                Some(""),
                Principal::ALL.map(|one| State::Is(ValueKind::Only, one.as_str())),
            );
            return;
        }
        self.put(atom.source, None, [State::Unknown, State::Known]);
        self.put(atom.source, Some(&atom.name), State::of(atom.value.as_ref()));
    }

    /// Adds states to a variable, which is new if it has none yet.
    fn put(
        &mut self,
        source: (Source, Kind),
        name: Option<&'a str>,
        states: impl IntoIterator<Item = State<'a>>,
    ) {
        let index = self.0.len();
        let variable =
            self.0.entry((source, name)).or_insert_with(|| Variable { index, states: BTreeMap::new() });
        for state in states {
            let next = variable.states.len();
            variable.states.entry(state).or_insert(next);
        }
    }

    /// The states that each variable can be in, by its index.
    pub(super) fn domains(&self) -> Vec<States> {
        let mut variables: Vec<_> = self.0.values().collect();
        variables.sort_unstable_by_key(|variable| variable.index);
        variables.into_iter().map(|variable| variable.states_that(|_| true)).collect()
    }

    /// The index of an atom's source, and its state if its facts are known, or are not. The principal has none.
    pub(super) fn source_states(&self, atom: &Atom, known: bool) -> Option<(usize, States)> {
        let source = self.0.get(&(atom.source, None))?;
        let wanted = if known { State::Known } else { State::Unknown };
        Some((source.index, source.states_that(|state| state == wanted)))
    }

    /// The index of an atom's fact, and its states in which the atom is known to be held, or lacked, or those in which it
    /// is not.
    pub(super) fn fact_states(&self, atom: &Atom, held: bool, wanted: bool) -> Option<(usize, States)> {
        let fact = self.0.get(&(atom.source, Some(&atom.name)))?;
        let saying = if held { fact.holding(atom) } else { fact.lacking(atom) };
        Some((fact.index, if wanted { saying } else { fact.states_that(|_| true).without(&saying) }))
    }
}

impl<'a> Variable<'a> {
    fn states_that(&self, test: impl Fn(State<'a>) -> bool) -> States {
        let chosen = self.states.iter().filter(|(state, _)| test(**state));
        States::of(self.states.len(), chosen.map(|(_, number)| *number))
    }

    /// The state in which there is a fact of this value.
    fn holding(&self, atom: &Atom) -> States {
        let value = atom.value.as_ref();
        let state = value.map_or(State::Present, |value| State::Is(value.kind, &value.text));
        States::of(self.states.len(), self.states.get(&state).copied())
    }

    /// The states in which there is none, or one of another value of the same type.
    fn lacking(&self, atom: &Atom) -> States {
        let kind = atom.value.as_ref().map(|value| value.kind);
        let of_kind = |state| match state {
            State::Is(of, _) | State::Other(of) => Some(of) == kind,
            state => state == State::Absent,
        };
        self.states_that(of_kind).without(&self.holding(atom))
    }
}

impl<'a> State<'a> {
    /// The states of a fact that a rule compares with a value. There are two booleans, so `Other` is neither.
    fn of(value: Option<&'a AtomValue>) -> Vec<Self> {
        let Some(AtomValue { kind, text }) = value else { return vec![Self::Absent, Self::Present] };
        match kind {
            ValueKind::Only => vec![Self::Absent, Self::Other(*kind), Self::Is(*kind, text)],
            ValueKind::Bool => {
                vec![Self::Absent, Self::Foreign, Self::Is(*kind, "false"), Self::Is(*kind, "true")]
            }
            ValueKind::Number | ValueKind::Text => {
                vec![Self::Absent, Self::Foreign, Self::Other(*kind), Self::Is(*kind, text)]
            }
        }
    }
}

/// Some of the states of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct States(Vec<u64>);

impl States {
    /// Returns those with these numbers, all of them below `count`.
    fn of(count: usize, numbers: impl IntoIterator<Item = usize>) -> Self {
        let mut states = Self(vec![0; count.div_ceil(64)]);
        numbers.into_iter().for_each(|number| states.put(number));
        states
    }

    fn put(&mut self, number: usize) {
        if let (Some(word), Ok(bit)) = (self.0.get_mut(number / 64), u32::try_from(number % 64)) {
            *word |= 1_u64.rotate_left(bit);
        }
    }

    /// How many words there are to look at.
    pub(super) fn words(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.pairs(other).map(|(mine, other)| mine & other).collect())
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        Self(self.pairs(other).map(|(mine, other)| mine & !other).collect())
    }

    fn pairs(&self, other: &Self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().copied().zip(other.0.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_more_than_a_word() {
        let (odd, low) = (States::of(200, (1..200).step_by(2)), States::of(200, 0..100));
        assert_eq!(odd.words(), 4);
        assert_eq!(odd.and(&low), States::of(200, (1..100).step_by(2)));
        assert_eq!(odd.without(&low), States::of(200, (101..200).step_by(2)));
        assert!(low.without(&low).is_empty() && !low.is_empty());
    }

    #[test]
    fn a_number_beyond_the_count_is_no_state() {
        assert!(States::of(64, [64, 1000]).is_empty());
    }
}

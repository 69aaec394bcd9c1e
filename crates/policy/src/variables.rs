//! The variables of tokens for [`logic`](super::logic): each is in one of several numbered states.
//!
//! Facts do not vary independently. A malformed claim makes all of its facts unknown, and so does an absent `roles` claim. A
//! flag has one value, and a value of a type that a rule does not compare with makes the flag unknown. A token has one
//! organization and one principal. So [`Variables::add`] makes two variables of an atom:
//!
//! - its source, without a name: [`State::Known`] or [`State::Unknown`];
//! - its fact, under the name of the key: absent, present, or one of the values that the rules name. [`State::of`] lists the
//!   states, and further atoms of the same key add their values.
//!
//! The principal is always known and is a user or a machine, so it has no source variable. `source_states` and `fact_states`
//! give the states in which an atom is, or is not, as a rule wants it. [`States`] is a set of state numbers.

use std::collections::BTreeMap;

use super::atom::{Atom, AtomValue, ValueKind};
use super::fact::Source;
use super::kinds::Kind;
use super::principal::Principal;

/// The variables by source and name. Sources themselves have no name.
#[derive(Default)]
pub(super) struct Variables<'a>(BTreeMap<((Source, Kind), Option<&'a str>), Variable<'a>>);

/// One variable: a source or a fact.
struct Variable<'a> {
    index: usize,
    /// The number of each state that the variable can be in.
    states: BTreeMap<State<'a>, usize>,
}

/// A state of a source or a fact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State<'a> {
    /// Source: its facts are unknown.
    Unknown,
    /// Source: its facts are held or lacked.
    Known,
    /// Fact: the key is absent.
    Absent,
    /// Fact without a value: the key is present.
    Present,
    /// Flag: the value has a type that no rule compares with.
    Foreign,
    /// Fact with a value: a value of this type that no rule names.
    Other(ValueKind),
    /// Fact with a value: this value.
    Is(ValueKind, &'a str),
}

impl<'a> Variables<'a> {
    /// Adds the variables and states of an atom.
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

    /// Adds states to a variable, and the variable if it is new.
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

    /// Returns all states of each variable, in the order of the indices.
    pub(super) fn domains(&self) -> Vec<States> {
        let mut variables: Vec<_> = self.0.values().collect();
        variables.sort_unstable_by_key(|variable| variable.index);
        variables.into_iter().map(|variable| variable.states_that(|_| true)).collect()
    }

    /// Returns the index of an atom's source, and its state if `known`, or if not. `None` for the principal.
    pub(super) fn source_states(&self, atom: &Atom, known: bool) -> Option<(usize, States)> {
        let source = self.0.get(&(atom.source, None))?;
        let wanted = if known { State::Known } else { State::Unknown };
        Some((source.index, source.states_that(|state| state == wanted)))
    }

    /// Returns the index of an atom's fact, and the states in which a rule is satisfied that wants it `held` (or else
    /// lacked). Unless `wanted`, returns all other states.
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

    /// Returns the state in which the fact has the atom's value.
    fn holding(&self, atom: &Atom) -> States {
        let value = atom.value.as_ref();
        let state = value.map_or(State::Present, |value| State::Is(value.kind, &value.text));
        States::of(self.states.len(), self.states.get(&state).copied())
    }

    /// Returns the states in which the fact is absent or has another value of the same type.
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
    /// Returns the states of a fact that a rule compares with `value`. Both booleans are listed, so booleans need no
    /// `Other`.
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

/// A set of states of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct States(Vec<u64>);

impl States {
    /// Creates a set of the states with these numbers, all below `count`.
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

    /// Returns the number of 64-bit words in the set.
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
    fn a_set_can_have_more_than_64_states() {
        let (odd, low) = (States::of(200, (1..200).step_by(2)), States::of(200, 0..100));
        assert_eq!(odd.words(), 4);
        assert_eq!(odd.and(&low), States::of(200, (1..100).step_by(2)));
        assert_eq!(odd.without(&low), States::of(200, (101..200).step_by(2)));
        assert!(low.without(&low).is_empty() && !low.is_empty());
    }

    #[test]
    fn a_number_beyond_the_count_is_ignored() {
        assert!(States::of(64, [64, 1000]).is_empty());
    }
}

//! What tokens can differ in, for [`logic`](super::logic): things, each in one of some numbered states. The macro crate
//! compiles this file too.

use std::collections::BTreeMap;

use super::logic::{Atom, PRINCIPAL, PRINCIPALS};

/// What tokens can differ in, as far as the rules can tell: the things that a token has something to say about, which are
/// the sources of facts, without a name, and the facts.
#[derive(Default)]
pub(super) struct World<'a>(BTreeMap<(&'static str, Option<&'a str>), Thing<'a>>);

/// One thing: of a source, whether its facts are known; of a fact, whether there is one, and its value.
struct Thing<'a> {
    place: usize,
    /// The states with a value that the rules name.
    values: BTreeMap<&'a str, usize>,
    /// It cannot be without such a value.
    has_a_value: bool,
}

/// Of a source: the claim is malformed, or absent where that tells nothing.
const UNKNOWN: usize = 0;
/// Of a source: its facts are held or lacked.
const KNOWN: usize = 1;
/// Of a fact: there is one; if it has a value, then none that the rules name, and not `false`. In state 0 there is none.
const OTHER: usize = 1;
/// Of a fact: the first of the states with a value.
const FIRST_VALUE: usize = 2;

impl<'a> World<'a> {
    /// Takes in what a rule names.
    pub(super) fn add(&mut self, atom: &'a Atom) {
        if atom.source == PRINCIPAL {
            let principal = self.thing(PRINCIPAL, Some(""));
            principal.has_a_value = true;
            for value in PRINCIPALS {
                principal.name(value);
            }
            return;
        }
        self.thing(atom.source, None);
        let fact = self.thing(atom.source, Some(&atom.name));
        atom.value.iter().for_each(|value| fact.name(value));
    }

    fn thing(&mut self, source: &'static str, name: Option<&'a str>) -> &mut Thing<'a> {
        let place = self.0.len();
        let new = || Thing { place, values: BTreeMap::new(), has_a_value: false };
        self.0.entry((source, name)).or_insert_with(new)
    }

    /// The states that each thing can be in, by its place.
    pub(super) fn domains(&self) -> Vec<States> {
        let mut things: Vec<_> = self.0.values().collect();
        things.sort_unstable_by_key(|thing| thing.place);
        things.into_iter().map(Thing::domain).collect()
    }

    /// The place of an atom's source, and its state if its facts are known, or are not. The principal has none.
    pub(super) fn source(&self, atom: &Atom, known: bool) -> Option<(usize, States)> {
        let source = self.0.get(&(atom.source, None))?;
        Some((source.place, source.states([if known { KNOWN } else { UNKNOWN }])))
    }

    /// The place of an atom's fact, and its states if it says what the atom does, or does not.
    pub(super) fn fact(&self, atom: &Atom, said: bool) -> Option<(usize, States)> {
        let fact = self.0.get(&(atom.source, Some(&atom.name)))?;
        let saying = fact.holding(atom.value.as_deref());
        Some((fact.place, if said { saying } else { saying.others() }))
    }
}

impl<'a> Thing<'a> {
    fn name(&mut self, value: &'a str) {
        let next = self.count();
        self.values.entry(value).or_insert(next);
    }

    fn count(&self) -> usize {
        FIRST_VALUE.saturating_add(self.values.len())
    }

    fn domain(&self) -> States {
        let first = if self.has_a_value { FIRST_VALUE } else { 0 };
        self.states(first..self.count())
    }

    fn states(&self, numbers: impl IntoIterator<Item = usize>) -> States {
        States::of(self.count(), numbers)
    }

    /// The states in which there is a fact of this value, or any but `false`.
    fn holding(&self, value: Option<&str>) -> States {
        let Some(value) = value else {
            let values = self.values.iter().filter(|(value, _)| **value != "false");
            return self.states(values.map(|(_, number)| *number).chain([OTHER]));
        };
        self.states(self.values.get(value).copied())
    }
}

/// Some of the states of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct States(Vec<u64>);

impl States {
    /// Returns those with these numbers, all of them below `count`.
    fn of(count: usize, numbers: impl IntoIterator<Item = usize>) -> Self {
        let mut states = Self(vec![0; count.div_ceil(64)]);
        numbers.into_iter().for_each(|number| states.put(number));
        states
    }

    /// Returns all others, and numbers that stand for nothing.
    fn others(mut self) -> Self {
        self.0.iter_mut().for_each(|word| *word = !*word);
        self
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
        assert_eq!(odd.and(&low.clone().others()), odd.without(&low));
        assert!(low.without(&low).is_empty() && !low.is_empty());
    }

    #[test]
    fn a_number_beyond_the_count_is_no_state() {
        assert!(States::of(64, [64, 1000]).is_empty());
    }
}

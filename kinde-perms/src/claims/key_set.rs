//! A set of keys whose look-up time hardly depends on its size.
//!
//! `collect` counts the keys first, so that it allocates once; `add` drops repeated keys. A set of more than
//! [`SCANNED_KEYS`] keys has an `index`, in which `contains` finds the position of a key by its hash. A smaller set is
//! scanned.

use std::fmt;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::json::Texts;

/// The size up to which a set is scanned: comparing lengths is then as fast as hashing, and reads less memory.
const SCANNED_KEYS: usize = 16;

/// The distinct keys of an array claim, in the order of the token.
#[derive(Clone)]
pub(crate) struct KeySet {
    keys: Texts,
    /// Positions in `keys`, by hash; empty for a set that is scanned.
    index: HashTable<u32>,
    hasher: RandomState,
}

impl KeySet {
    /// Collects keys, each once.
    pub(crate) fn collect<'k>(keys: impl Iterator<Item = &'k str> + Clone) -> Self {
        let (count, bytes) = keys.clone().fold((0_usize, 0_usize), |(count, bytes), key| {
            (count.saturating_add(1), bytes.saturating_add(key.len()))
        });
        let mut set = Self {
            keys: Texts::with_capacity(count, bytes),
            index: HashTable::with_capacity(if count > SCANNED_KEYS { count } else { 0 }),
            hasher: RandomState::default(),
        };
        keys.for_each(|key| set.add(key));
        set
    }

    /// Adds a key unless the set has it. The index of a set that is scanned has no capacity.
    fn add(&mut self, key: &str) {
        let Ok(at) = u32::try_from(self.keys.len()) else { return };
        if self.index.capacity() > 0 {
            let (keys, hasher) = (&self.keys, &self.hasher);
            let same = |&at: &u32| key_at(keys, at) == Some(key);
            let rehash = |&at: &u32| hasher.hash_one(key_at(keys, at).unwrap_or_default());
            match self.index.entry(hasher.hash_one(key), same, rehash) {
                Entry::Occupied(_) => return,
                Entry::Vacant(slot) => slot.insert(at),
            };
        } else if self.keys.contains(key) {
            return;
        }
        self.keys.push(key);
    }

    /// Returns the number of allocated bytes.
    pub(super) fn allocated(&self) -> usize {
        self.keys.allocated().saturating_add(self.index.allocation_size())
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.keys.iter()
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        if self.index.is_empty() {
            return self.keys.contains(key);
        }
        self.index.find(self.hasher.hash_one(key), |&at| key_at(&self.keys, at) == Some(key)).is_some()
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys
    }
}

fn key_at(keys: &Texts, at: u32) -> Option<&str> {
    keys.get(usize::try_from(at).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_the_collected_keys_and_no_others() {
        for count in [0_usize, 1, 10, 16, 17, 1000] {
            let keys: Vec<String> = (0..count).map(|n| format!("do:{n}")).collect();
            let set = KeySet::collect(keys.iter().map(String::as_str));
            assert_eq!(set.len(), count);
            assert!(set.iter().eq(keys.iter().map(String::as_str)), "in order");
            assert!(keys.iter().all(|key| set.contains(key)));
            for other in ["", "do:", "do:00", "o:1", "do:1000", "DO:1", "do:0do:1"] {
                assert!(!set.contains(other), "{other} among {count}");
            }
        }
    }

    #[test]
    fn keeps_the_first_of_equal_keys_and_an_empty_one() {
        for filler in [0, 20] {
            let many: Vec<String> = (0..filler).map(|n| n.to_string()).collect();
            let keys = ["a", "", "b", "a", ""].into_iter().chain(many.iter().map(String::as_str));
            let set = KeySet::collect(keys);
            assert_eq!(set.len(), 3 + filler);
            assert!(set.contains("") && set.contains("a") && set.contains("b"));
        }
    }
}

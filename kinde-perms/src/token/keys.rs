//! The public keys in use, by key id.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::signature::Key;

/// The usable public keys of an issuer, by their exact `kid`.
///
/// The ids come from the issuer, not from tokens, so the fast hash cannot be attacked by crafted collisions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    entries: HashMap<String, KeyEntry, RandomState>,
    /// The generations of the entries, in order.
    generations: Vec<u64>,
    next_generation: u64,
}

/// A key and the generation it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct KeyEntry {
    key: Arc<Key>,
    generation: u64,
}

impl KeyEntry {
    /// Returns the key.
    pub(crate) fn key(&self) -> &Arc<Key> {
        &self.key
    }

    /// Returns a number that stays the same as long as this `kid` stands for the same material.
    ///
    /// No other `kid` has it, and it is never used again within one line of sets: what was verified under a generation
    /// stays bound to the very key it was verified with, also after that key was removed, or replaced and brought back.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
}

impl Keys {
    /// Makes the set that replaces `previous`, keeping the generation of every key that is in both.
    pub(crate) fn following(previous: &Self, keys: impl IntoIterator<Item = (String, Arc<Key>)>) -> Self {
        let mut set = Self { next_generation: previous.next_generation, ..Self::default() };
        for (kid, key) in keys {
            let entry = previous.get(&kid).filter(|known| known.key == key).cloned();
            let entry = entry.unwrap_or_else(|| set.new_entry(key));
            set.entries.insert(kid, entry);
        }
        set.generations = set.entries.values().map(KeyEntry::generation).collect();
        set.generations.sort_unstable();
        set
    }

    /// Returns the entry of a `kid`, compared byte for byte.
    pub(crate) fn get(&self, kid: &str) -> Option<&KeyEntry> {
        self.entries.get(kid)
    }

    /// Returns `true` if a generation is in use: whether its `kid` still stands for the material that it stood for.
    pub(crate) fn has_generation(&self, generation: u64) -> bool {
        self.generations.binary_search(&generation).is_ok()
    }

    /// Returns the number of keys.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether there is no key.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the entries in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &KeyEntry)> {
        self.entries.iter().map(|(kid, entry)| (kid.as_str(), entry))
    }

    fn new_entry(&mut self, key: Arc<Key>) -> KeyEntry {
        let generation = self.next_generation;
        self.next_generation = generation.wrapping_add(1);
        KeyEntry { key, generation }
    }
}

impl FromIterator<(String, Arc<Key>)> for Keys {
    fn from_iter<I: IntoIterator<Item = (String, Arc<Key>)>>(keys: I) -> Self {
        Self::following(&Self::default(), keys)
    }
}

#[cfg(test)]
mod tests;

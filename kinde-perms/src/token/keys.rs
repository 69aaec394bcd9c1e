//! The issuer's public keys, by key id.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::signature::Key;

/// The usable public keys of an issuer, by their exact `kid`.
///
/// Ids come from the issuer, not from tokens, so an attacker cannot craft collisions of the fast hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    entries: HashMap<String, KeyEntry, RandomState>,
    /// The generations of the entries, sorted.
    generations: Vec<u64>,
    next_generation: u64,
}

/// A key and its generation.
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

    /// Returns a number that stays the same while this `kid` has the same key material.
    ///
    /// No other `kid` has the number, and a successor of the set never uses it again. So a token that was verified under a
    /// generation stays bound to that key, even if the key is removed, or replaced and later restored.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
}

impl Keys {
    /// Creates the successor of `previous`. A key that is in both sets keeps its generation.
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

    /// Returns `true` if a generation is in use: its `kid` still has the same key material.
    pub(crate) fn has_generation(&self, generation: u64) -> bool {
        self.generations.binary_search(&generation).is_ok()
    }

    /// Returns the number of keys.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns `true` if there is no key.
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

//! A set of keys that answers "is it there" as fast for a thousand as for one.

use std::fmt;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Up to this many keys, looking at the length of each is as fast as hashing the one asked for, and it reads less memory.
const SCANNED_KEYS: usize = 16;

/// The distinct keys of an array claim, in the order of the token, in one allocation for their text.
#[derive(Clone)]
pub(crate) struct KeySet {
    text: Box<str>,
    /// Where each key ends in `text`; it starts where the one before it ends.
    ends: Box<[u32]>,
    /// Positions in `ends`, by hash; empty for a set small enough to scan.
    index: HashTable<u32>,
    hasher: RandomState,
}

impl KeySet {
    /// Collects keys, the second of two equal ones left out.
    pub(crate) fn collect<'k>(keys: impl Iterator<Item = &'k str> + Clone) -> Self {
        let (count, bytes) = keys.clone().fold((0_usize, 0_usize), |(count, bytes), key| {
            (count.saturating_add(1), bytes.saturating_add(key.len()))
        });
        let mut draft = Draft {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(count),
            index: HashTable::with_capacity(if count > SCANNED_KEYS { count } else { 0 }),
            hasher: RandomState::default(),
            hashed: count > SCANNED_KEYS,
        };
        keys.for_each(|key| draft.add(key));
        draft.finish()
    }

    /// Returns how many bytes the set has allocated.
    pub(super) fn allocated(&self) -> usize {
        let ends = size_of_val(self.ends.as_ref());
        self.text.len().saturating_add(ends).saturating_add(self.index.allocation_size())
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, &end)| span(&self.text, start, end))
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        if self.index.is_empty() {
            return is_among(&self.text, &self.ends, key);
        }
        let hash = self.hasher.hash_one(key);
        self.index.find(hash, |&at| key_at(&self.text, &self.ends, at) == Some(key)).is_some()
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.ends == other.ends
    }
}

/// A key set while it is being filled.
struct Draft {
    text: String,
    ends: Vec<u32>,
    index: HashTable<u32>,
    hasher: RandomState,
    hashed: bool,
}

impl Draft {
    /// Adds a key unless it is there; a token is at most 16 KiB, so positions always fit.
    fn add(&mut self, key: &str) {
        let (Ok(at), Ok(end)) =
            (u32::try_from(self.ends.len()), u32::try_from(self.text.len().saturating_add(key.len())))
        else {
            return;
        };
        if self.hashed {
            let hash = self.hasher.hash_one(key);
            let (text, ends, hasher) = (&self.text, &self.ends, &self.hasher);
            let same = |&at: &u32| key_at(text, ends, at) == Some(key);
            let rehash = |&at: &u32| hasher.hash_one(key_at(text, ends, at).unwrap_or_default());
            match self.index.entry(hash, same, rehash) {
                hashbrown::hash_table::Entry::Occupied(_) => return,
                hashbrown::hash_table::Entry::Vacant(slot) => {
                    slot.insert(at);
                }
            }
        } else if is_among(&self.text, &self.ends, key) {
            return;
        }
        self.text.push_str(key);
        self.ends.push(end);
    }

    fn finish(self) -> KeySet {
        KeySet {
            text: self.text.into_boxed_str(),
            ends: self.ends.into_boxed_slice(),
            index: self.index,
            hasher: self.hasher,
        }
    }
}

/// Looks for a key, which is compared with those of its length alone.
fn is_among(text: &str, ends: &[u32], key: &str) -> bool {
    let Ok(length) = u32::try_from(key.len()) else { return false };
    let mut start = 0_u32;
    for &end in ends {
        if end.wrapping_sub(start) == length && span(text, start, end) == Some(key) {
            return true;
        }
        start = end;
    }
    false
}

fn span(text: &str, start: u32, end: u32) -> Option<&str> {
    text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

/// The key at one position.
fn key_at<'t>(text: &'t str, ends: &[u32], at: u32) -> Option<&'t str> {
    let at = usize::try_from(at).ok()?;
    let start = match at.checked_sub(1) {
        None => 0,
        Some(before) => *ends.get(before)?,
    };
    span(text, start, *ends.get(at)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_given_and_nothing_else() {
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

//! A table of bounded size whose entries expire.

use std::collections::HashMap;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

/// The digest of a secret, so that the table holds no secret and the time of a lookup reveals nothing about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    pub(super) fn of(secret: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
        Self(bytes)
    }
}

/// Entries that expire. A full table evicts its expired entries, or else the oldest one.
#[derive(Debug)]
pub(super) struct Bounded<V> {
    entries: HashMap<Key, Entry<V>>,
    capacity: usize,
    sequence: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    ends: Duration,
    sequence: u64,
}

impl<V> Bounded<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity, sequence: 0 }
    }

    /// Keeps `value` until `ends`, on the same clock as `now`.
    pub(super) fn insert(&mut self, now: Duration, key: Key, value: V, ends: Duration) {
        if self.entries.len() >= self.capacity {
            self.make_room(now);
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.entries.insert(key, Entry { value, ends, sequence: self.sequence });
    }

    pub(super) fn get(&self, now: Duration, key: Key) -> Option<&V> {
        self.entries.get(&key).filter(|entry| now < entry.ends).map(|entry| &entry.value)
    }

    pub(super) fn get_mut(&mut self, now: Duration, key: Key) -> Option<&mut V> {
        self.entries.get_mut(&key).filter(|entry| now < entry.ends).map(|entry| &mut entry.value)
    }

    pub(super) fn take(&mut self, now: Duration, key: Key) -> Option<V> {
        self.entries.remove(&key).filter(|entry| now < entry.ends).map(|entry| entry.value)
    }

    pub(super) fn extend(&mut self, key: Key, ends: Duration) {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.ends = ends;
        }
    }

    pub(super) fn remove(&mut self, key: Key) {
        self.entries.remove(&key);
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut().map(|entry| &mut entry.value)
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.entries.retain(|_, entry| keep(&entry.value));
    }

    fn make_room(&mut self, now: Duration) {
        self.entries.retain(|_, entry| now < entry.ends);
        if self.entries.len() < self.capacity {
            return;
        }
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.sequence).map(|(key, _)| *key);
        if let Some(oldest) = oldest {
            self.entries.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn entries_expire() {
        let mut table = Bounded::new(8);
        table.insert(at(0), Key::of("a"), 1, at(10));
        assert_eq!(table.get(at(9), Key::of("a")), Some(&1));
        assert_eq!(table.get(at(10), Key::of("a")), None);
        assert_eq!(table.take(at(10), Key::of("a")), None);
        assert_eq!(table.take(at(9), Key::of("a")), None);
    }

    #[test]
    fn expired_entries_are_evicted_before_the_oldest() {
        let mut table = Bounded::new(2);
        table.insert(at(0), Key::of("a"), 1, at(100));
        table.insert(at(0), Key::of("b"), 2, at(5));
        table.insert(at(6), Key::of("c"), 3, at(100));
        assert_eq!(table.get(at(6), Key::of("a")), Some(&1));
        table.insert(at(6), Key::of("d"), 4, at(100));
        let left = ["a", "c", "d"].map(|key| table.get(at(6), Key::of(key)).copied());
        assert_eq!(left, [None, Some(3), Some(4)]);
    }
}

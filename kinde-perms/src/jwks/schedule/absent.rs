//! Which key ids the issuer is known not to have.

use std::collections::VecDeque;
use std::time::Duration;

/// More ids than requests can have waited for a fetch within the time an entry holds.
const MAX_ENTRIES: usize = 256;
/// Longer ids are not remembered: they come from tokens, and must not fill the memory.
const MAX_KID_BYTES: usize = 256;

/// Key ids that a recent key set lacked; exact, bounded, oldest first.
#[derive(Debug, Default)]
pub(super) struct Absent {
    entries: VecDeque<(String, Duration)>,
}

impl Absent {
    /// Remembers that the set fetched at this time lacks an id.
    pub(super) fn insert(&mut self, kid: &str, fetched_at: Duration) {
        if kid.len() > MAX_KID_BYTES {
            return;
        }
        self.entries.retain(|(known, _)| known != kid);
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back((kid.to_owned(), fetched_at));
    }

    /// Tells whether a set fetched at `since` or later lacked an id.
    pub(super) fn contains(&self, kid: &str, since: Duration) -> bool {
        self.entries.iter().any(|(known, fetched_at)| known == kid && *fetched_at >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn ids_are_exact_and_age() {
        let mut absent = Absent::default();
        absent.insert("a", SECOND);
        assert!(absent.contains("a", SECOND));
        assert!(!absent.contains("A", SECOND));
        assert!(!absent.contains("a", 2 * SECOND));
        absent.insert("a", 2 * SECOND);
        assert!(absent.contains("a", 2 * SECOND));
        assert_eq!(absent.entries.len(), 1);
    }

    #[test]
    fn memory_is_bounded() {
        let mut absent = Absent::default();
        for n in 0..10_000 {
            absent.insert(&n.to_string(), SECOND);
        }
        assert_eq!(absent.entries.len(), MAX_ENTRIES);
        assert!(absent.contains("9999", SECOND));
        assert!(!absent.contains("0", SECOND));
        absent.insert(&"x".repeat(MAX_KID_BYTES + 1), SECOND);
        assert_eq!(absent.entries.len(), MAX_ENTRIES);
        assert!(absent.contains("9999", SECOND));
    }
}

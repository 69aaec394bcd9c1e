//! Remembers key ids that the issuer does not have.

use std::collections::VecDeque;
use std::time::Duration;

/// More than the ids that requests can look up by a fetch before the oldest entry expires.
const MAX_ENTRIES: usize = 256;
/// The longest id that is remembered. Ids come from tokens, so the bound keeps an attacker from filling the memory.
const MAX_KID_BYTES: usize = 256;

/// Key ids that a recent key set lacked: compared byte for byte, bounded in number, oldest first.
#[derive(Debug, Default)]
pub(super) struct AbsentKids {
    entries: VecDeque<(String, Duration)>,
}

impl AbsentKids {
    /// Remembers that the set fetched at `fetched_at` lacks `kid`.
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

    /// Returns `true` if a set fetched at `since` or later lacked `kid`.
    pub(super) fn contains(&self, kid: &str, since: Duration) -> bool {
        self.entries.iter().any(|(known, fetched_at)| known == kid && *fetched_at >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn ids_are_compared_byte_for_byte_and_expire() {
        let mut absent = AbsentKids::default();
        absent.insert("a", SECOND);
        assert!(absent.contains("a", SECOND));
        assert!(!absent.contains("A", SECOND));
        assert!(!absent.contains("a", 2 * SECOND));
        absent.insert("a", 2 * SECOND);
        assert!(absent.contains("a", 2 * SECOND));
        assert_eq!(absent.entries.len(), 1);
    }

    #[test]
    fn the_number_and_length_of_ids_are_bounded() {
        let mut absent = AbsentKids::default();
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

//! Checks of keys in constant evaluation.
//!
//! A macro cannot see the text of a key that is given as a constant. So the macros write calls of these functions into
//! constants, and the compiler reports a failed check as a compile error.

use super::kinds::Kind;

/// A message built in a constant, where nothing can be allocated. Text beyond the capacity is cut off.
struct Sentence {
    bytes: [u8; Self::CAPACITY],
    length: usize,
}

impl Sentence {
    const CAPACITY: usize = 512;

    const fn of(parts: &[&str]) -> Self {
        let mut sentence = Self { bytes: [0; Self::CAPACITY], length: 0 };
        let mut parts = parts;
        while let [part, rest @ ..] = parts {
            sentence.push(part.as_bytes());
            parts = rest;
        }
        sentence
    }

    const fn push(&mut self, part: &[u8]) {
        let (_, free) = self.bytes.split_at_mut(self.length);
        let fits = if part.len() < free.len() { part.len() } else { free.len() };
        free.split_at_mut(fits).0.copy_from_slice(part.split_at(fits).0);
        self.length = self.length.saturating_add(fits);
    }

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            // Cut within a character: only a file's name can be that long.
            Err(_) => "the key is not declared in the manifest",
        }
    }
}

/// Returns `true` if `key` is one of the lines of `declared`.
///
/// `left` is the part of `key` that the current line has yet to match; `None` after a mismatch.
const fn contains(declared: &str, key: &str) -> bool {
    let mut rest = declared.as_bytes();
    let mut left = Some(key.as_bytes());
    while let [byte, tail @ ..] = rest {
        left = match (left, *byte) {
            (Some([]), b'\n') => return true,
            (_, b'\n') => Some(key.as_bytes()),
            (Some([first, others @ ..]), byte) if *first == byte => Some(others),
            _ => None,
        };
        rest = tail;
    }
    matches!(left, Some([])) && !declared.is_empty()
}

/// Returns the key if the manifest declares it; `declared` has one key on each line.
///
/// # Panics
/// If the manifest does not declare the key: a compile error at the key.
#[doc(hidden)]
#[track_caller]
#[must_use]
pub const fn declared(key: &'static str, noun: &str, declared: &str, file: &str) -> &'static str {
    let unknown = Sentence::of(&["the ", noun, " `", key, "` is not declared in ", file]);
    assert!(contains(declared, key), "{}", unknown.as_str());
    key
}

/// Returns the key of a flag if the manifest does not declare the flag with another type than `asked`. `others` has the
/// flags of other types, one on each line.
///
/// # Panics
/// If `others` has the key: a compile error at the key.
#[doc(hidden)]
#[track_caller]
#[must_use]
pub const fn of_type(
    key: &'static str,
    others: &str,
    asked: &str,
    file: &str,
    consequence: &str,
) -> &'static str {
    let other =
        Sentence::of(&["the feature flag `", key, "` is not ", asked, " in ", file, ", ", consequence]);
    assert!(!contains(others, key), "{}", other.as_str());
    key
}

/// Returns the key if it is well-formed for its kind.
///
/// # Panics
/// If the key is malformed: a compile error at the caller.
#[doc(hidden)]
#[track_caller]
#[must_use]
#[expect(clippy::panic, reason = "the compiler evaluates it; no program runs it")]
pub const fn checked_key(kind: Kind, key: &'static str) -> &'static str {
    match kind.check(key) {
        Ok(()) => key,
        Err(fault) => panic!("{}", Sentence::of(&["the ", kind.key_noun(), " ", fault.as_str()]).as_str()),
    }
}

/// Returns a key of the manifest if it is well-formed. `place` names the key and where the manifest declares it.
///
/// # Panics
/// If the key is malformed: a compile error at `manifest!`.
#[doc(hidden)]
#[track_caller]
#[must_use]
#[expect(clippy::panic, reason = "the compiler evaluates it; no program runs it")]
pub const fn manifest_key(kind: Kind, key: &'static str, place: &str) -> &'static str {
    match kind.check(key) {
        Ok(()) => key,
        Err(fault) => panic!("{}", Sentence::of(&[place, " ", fault.as_str()]).as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_whole_line() {
        let keys = "create:todos\nread\nx";
        for key in ["create:todos", "read", "x"] {
            assert!(contains(keys, key), "{key}");
        }
        for key in ["", "create", "todos", "rea", "reads", "read\nx", "create:todos\n", "xx"] {
            assert!(!contains(keys, key), "{key:?}");
        }
        assert!(!contains("", "") && !contains("", "x"));
        assert!(contains("aab", "aab") && !contains("aab", "ab") && contains("a\nab", "ab"));
    }

    #[test]
    fn a_sentence_is_cut_where_it_is_full() {
        assert_eq!(Sentence::of(&["a", "", "bc"]).as_str(), "abc");
        let long = "x".repeat(600);
        assert_eq!(Sentence::of(&["ab", &long]).as_str().len(), 512);
        let cut = "ü".repeat(300);
        assert!(Sentence::of(&["a", &cut]).as_str().starts_with("the key"));
    }

    #[test]
    #[should_panic(expected = "the role `admni` is not declared in kinde.toml")]
    fn an_undeclared_key_is_named() {
        let _ = declared("admni", "role", "admin", "kinde.toml");
    }

    #[test]
    #[should_panic(
        expected = "the feature flag `seats` is not a boolean in kinde.toml, so it is never `true`"
    )]
    fn a_flag_of_another_type_is_named() {
        assert_eq!(
            of_type("beta", "seats\ntheme", "a boolean", "kinde.toml", "so it is never `true`"),
            "beta"
        );
        let _ = of_type("seats", "seats\ntheme", "a boolean", "kinde.toml", "so it is never `true`");
    }

    #[test]
    #[should_panic(expected = "kinde.toml:4: the role `a b` contains whitespace")]
    fn a_malformed_key_is_named_with_its_place() {
        let _ = manifest_key(Kind::Roles, "a b", "kinde.toml:4: the role `a b`");
    }
}

use super::*;
use crate::token::Algorithm;

fn key(byte: u8) -> Arc<Key> {
    Arc::new(Key::ed25519(Algorithm::EdDsa, &[byte; 32]).unwrap())
}

fn set(previous: &Keys, keys: &[(&str, u8)]) -> Keys {
    Keys::following(previous, keys.iter().map(|(kid, byte)| ((*kid).to_owned(), key(*byte))))
}

fn generation(keys: &Keys, kid: &str) -> u64 {
    keys.get(kid).unwrap().generation()
}

#[test]
fn a_kid_is_found_by_its_exact_bytes_only() {
    let keys: Keys = [("a:B".to_owned(), key(1))].into_iter().collect();
    assert!(keys.get("a:B").is_some_and(|entry| *entry.key() == key(1)));
    for other in ["a:b", "A:B", "a:B ", "", "a"] {
        assert!(keys.get(other).is_none(), "{other:?}");
    }
    assert_eq!((keys.len(), keys.is_empty()), (1, false));
}

#[test]
fn a_key_of_the_same_material_keeps_its_generation_and_is_not_parsed_again() {
    let first = set(&Keys::default(), &[("a", 1), ("b", 2)]);
    let second = set(&first, &[("b", 2), ("a", 1), ("c", 3)]);
    assert_eq!(generation(&first, "a"), generation(&second, "a"));
    assert_eq!(generation(&first, "b"), generation(&second, "b"));
    assert!(Arc::ptr_eq(first.get("a").unwrap().key(), second.get("a").unwrap().key()));
}

#[test]
fn new_material_under_a_known_kid_gets_a_new_generation() {
    let first = set(&Keys::default(), &[("a", 1)]);
    let second = set(&first, &[("a", 2)]);
    assert_ne!(generation(&first, "a"), generation(&second, "a"));
}

#[test]
fn a_generation_is_never_used_again() {
    let mut seen = std::collections::HashSet::new();
    let mut keys = Keys::default();
    for step in [&[("a", 1), ("b", 2)][..], &[("a", 3)], &[], &[("a", 1)], &[("b", 2), ("c", 1)]] {
        let known: Vec<u64> = keys.iter().map(|(_, entry)| entry.generation()).collect();
        keys = set(&keys, step);
        let in_use: Vec<u64> = (0..10).filter(|generation| keys.has_generation(*generation)).collect();
        assert_eq!(in_use.len(), keys.len());
        for (kid, entry) in keys.iter() {
            assert!(in_use.contains(&entry.generation()), "{kid}");
            let fresh = seen.insert(entry.generation());
            assert!(fresh || known.contains(&entry.generation()), "{kid}");
        }
    }
    assert_eq!(seen.len(), 6);
}

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::token::{Algorithm, Key};

const ISSUER: &str = "https://acme.kinde.com";
const NOW: u64 = 1_700_000_000;

/// Two Ed25519 keys of RFC 8032 §7.1.
const MATERIAL: [&[u8; 32]; 2] = [
    b"\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a",
    b"\x3d\x40\x17\xc3\xe8\x43\x89\x5a\x92\xb7\x0a\xa7\x4d\x1b\x7e\xbc\x9c\x98\x2c\xcf\x2e\xc4\x96\x8c\xc0\xcd\x55\xf1\x2a\xf4\x66\x0c",
];

fn key(number: usize) -> Arc<Key> {
    Arc::new(Key::ed25519(Algorithm::EdDsa, MATERIAL[number]).unwrap())
}

fn keys_after(former: &Keys, listed: &[(&str, usize)]) -> Keys {
    Keys::following(former, listed.iter().map(|(kid, number)| ((*kid).to_owned(), key(*number))))
}

fn rules() -> Rules {
    Rules {
        audiences: vec!["api".into()],
        algorithms: vec![Algorithm::EdDsa],
        leeway: Duration::from_secs(30),
        max_lifetime: None,
        clients: None,
    }
}

fn claims(token_id: &str) -> Claims {
    let payload = json!({
        "iss": ISSUER, "aud": "api", "sub": "kp_1", "jti": token_id,
        "exp": NOW + 600, "iat": NOW - 10, "nbf": NOW - 10,
    });
    Claims::from_payload(payload.to_string()).unwrap()
}

fn verified(token_id: &str, keys: &Keys) -> Verified {
    let generation = keys.get("k").unwrap().generation();
    Verified::new(claims(token_id), generation)
}

fn ground<'g>(keys: &'g Keys, rules: &'g Rules) -> Ground<'g> {
    Ground { keys: Some(keys), issuer: ISSUER, rules, now: NOW }
}

fn bytes(token: &(impl AsRef<str> + ?Sized)) -> &[u8] {
    token.as_ref().as_bytes()
}

/// A cache with a look-up whose hash is set by hand.
fn lookup_at(hash: u64, token: &str) -> Lookup<'_> {
    Lookup { hash, likeness: Likeness::Text(token.as_bytes()), epoch: 0 }
}

fn recalled(cache: &Cache, lookup: &Lookup<'_>) -> Option<String> {
    cache.recall(lookup, |_, _| true).and_then(|claims| claims.token_id().map(str::to_owned))
}

#[test]
fn holds_only_while_every_part_of_the_ground_is_as_it_was() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0), ("other", 1)]), rules());
    let verified = verified("a", &keys);
    let base = || ground(&keys, &rules);
    assert!(verified.holds(ISSUER, &base()));

    // The clock: within the leeway of 30 s, and one second beyond it, at both ends.
    assert!(verified.holds(ISSUER, &Ground { now: NOW + 629, ..base() }));
    assert!(!verified.holds(ISSUER, &Ground { now: NOW + 630, ..base() }));
    assert!(verified.holds(ISSUER, &Ground { now: NOW - 40, ..base() }));
    assert!(!verified.holds(ISSUER, &Ground { now: NOW - 41, ..base() }));

    assert!(!verified.holds(ISSUER, &Ground { keys: None, ..base() }), "keys too old to be used");
    assert!(!verified.holds(ISSUER, &Ground { issuer: "https://acme.kinde.com/", ..base() }));

    let refreshed = keys_after(&keys, &[("k", 0), ("new", 1)]);
    assert!(verified.holds(ISSUER, &Ground { keys: Some(&refreshed), ..base() }), "a refresh drops nothing");
    let replaced = keys_after(&keys, &[("k", 1)]);
    assert!(!verified.holds(ISSUER, &Ground { keys: Some(&replaced), ..base() }));
    let withdrawn = keys_after(&keys, &[("other", 1)]);
    assert!(!verified.holds(ISSUER, &Ground { keys: Some(&withdrawn), ..base() }));
    let brought_back = keys_after(&withdrawn, &[("k", 0)]);
    assert!(!verified.holds(ISSUER, &Ground { keys: Some(&brought_back), ..base() }));
}

fn is_past(verified: &Verified, ground: &Ground<'_>) -> bool {
    Note::is_past(verified.in_short().packed(), ground)
}

#[test]
fn what_a_note_has_no_room_for_is_not_told() {
    let (keys, rules) = (Keys::default(), rules());
    let far = Note { generation: u64::from(u32::MAX), expires_at: 253_402_300_799 };
    assert!(!Note::is_past(far.packed(), &Ground { now: u64::MAX / 2, ..ground(&keys, &rules) }));
    let near = Note { generation: 0, expires_at: 0 };
    assert!(!Note::is_past(near.packed(), &Ground { keys: None, ..ground(&keys, &rules) }));
}

#[test]
fn what_cannot_hold_again_is_past_and_a_clock_set_back_is_not_that() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let verified = verified("a", &keys);
    let base = || ground(&keys, &rules);
    assert!(!is_past(&verified, &base()));
    assert!(!is_past(&verified, &Ground { now: NOW - 1000, ..base() }));
    assert!(!is_past(&verified, &Ground { keys: None, ..base() }));
    assert!(is_past(&verified, &Ground { now: NOW + 630, ..base() }));
    let replaced = keys_after(&keys, &[("k", 1)]);
    assert!(is_past(&verified, &Ground { keys: Some(&replaced), ..base() }));
}

#[test]
fn tokens_of_one_hash_are_told_apart_by_all_of_their_bytes() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new());
    let (first, second) = (lookup_at(7, "header.first.signature"), lookup_at(7, "header.other.signature"));
    cache.remember(&first, verified("first", &keys), &ground(&keys, &rules));
    assert_eq!(recalled(&cache, &first).as_deref(), Some("first"));
    assert_eq!(recalled(&cache, &second), None);
    cache.remember(&second, verified("second", &keys), &ground(&keys, &rules));
    assert_eq!(recalled(&cache, &first).as_deref(), Some("first"));
    assert_eq!(recalled(&cache, &second).as_deref(), Some("second"));
    for other in ["", "header.first.signatur", "header.first.signature ", "eader.first.signature"] {
        assert_eq!(recalled(&cache, &lookup_at(7, other)), None, "{other:?}");
    }
}

#[test]
fn the_same_end_gives_the_same_hash_and_another_seed_another_one() {
    let (cache, other) = (Cache::new(&CacheConfig::new()), Cache::new(&CacheConfig::new()));
    let end = "0123456789abcdef0123456789abcdef";
    let (one, two) = (format!("a.b.{end}"), format!("a.c.{end}"));
    assert_eq!(cache.lookup(bytes(&one)).hash, cache.lookup(bytes(&two)).hash);
    assert_ne!(cache.lookup(bytes(&one)).hash, cache.lookup(bytes(&format!("{one}x"))).hash);
    assert_ne!(cache.lookup(bytes(&one)).hash, other.lookup(bytes(&one)).hash);
    assert_eq!(cache.lookup(bytes("short")).hash, cache.lookup(bytes("short")).hash);
}

#[test]
fn by_digest_no_token_is_kept_and_every_byte_counts() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new().keyed_by_digest());
    let token = "header.payload.0123456789abcdef0123456789abcdef";
    let lookup = cache.lookup(bytes(token));
    assert!(matches!(lookup.likeness, Likeness::Digest(_)));
    cache.remember(&lookup, verified("a", &keys), &ground(&keys, &rules));
    assert_eq!(recalled(&cache, &cache.lookup(bytes(token))).as_deref(), Some("a"));
    assert_eq!(recalled(&cache, &cache.lookup(bytes(&token.replace("payload", "pavload")))), None);
}

#[test]
fn a_token_that_is_verified_again_takes_its_own_place() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new());
    for token_id in ["a", "b", "c"] {
        cache.remember(&lookup_at(7, "token"), verified(token_id, &keys), &ground(&keys, &rules));
        assert_eq!(recalled(&cache, &lookup_at(7, "token")).as_deref(), Some(token_id));
    }
    assert_eq!((cache.stats().entries, cache.stats().evictions), (1, 0));
}

#[test]
fn what_was_looked_up_before_the_cache_was_cleared_is_not_kept() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new());
    let before = cache.lookup(bytes("token"));
    cache.clear();
    cache.remember(&before, verified("a", &keys), &ground(&keys, &rules));
    assert_eq!(recalled(&cache, &cache.lookup(bytes("token"))), None);
    cache.remember(&cache.lookup(bytes("token")), verified("b", &keys), &ground(&keys, &rules));
    assert_eq!(recalled(&cache, &cache.lookup(bytes("token"))).as_deref(), Some("b"));
    cache.clear();
    assert_eq!(recalled(&cache, &cache.lookup(bytes("token"))), None);
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.bytes), (0, 0));
}

#[test]
fn both_bounds_hold_and_everything_that_went_in_is_accounted_for() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let weight = Remembered::new(&lookup_at(0, "token-0000"), verified("a", &keys)).weight;
    for (most_entries, most_bytes, fits) in [(64, usize::MAX, 64), (4096, weight * 100, 100)] {
        let cache = Cache::new(&CacheConfig::new().max_entries(most_entries).max_bytes(most_bytes));
        for number in 0..2000_u64 {
            let token = format!("token-{number:04}");
            cache.remember(&cache.lookup(bytes(&token)), verified("a", &keys), &ground(&keys, &rules));
            assert!(cache.stats().entries <= fits && cache.stats().bytes <= most_bytes);
        }
        let stats = cache.stats();
        assert!(stats.entries > fits / 2, "{stats:?}");
        assert_eq!(stats.bytes, stats.entries * weight);
        let found =
            (0..2000).filter(|n| recalled(&cache, &cache.lookup(bytes(&format!("token-{n:04}")))).is_some());
        assert_eq!(found.count(), stats.entries);
    }
}

#[test]
fn a_token_larger_than_the_bound_is_not_kept() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new().max_bytes(100));
    cache.remember(&cache.lookup(bytes("token")), verified("a", &keys), &ground(&keys, &rules));
    assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
}

#[test]
fn what_is_past_gives_way_before_what_is_in_use_and_that_is_no_eviction() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let replaced = keys_after(&keys, &[("k", 1)]);
    let cache = Cache::new(&CacheConfig::new().max_entries(16));
    let tokens: Vec<String> = (0..24).map(|number| format!("token-{number}")).collect();
    for token in &tokens[..16] {
        let old = tokens[..8].contains(token);
        cache.remember(
            &cache.lookup(bytes(token)),
            verified(token, if old { &keys } else { &replaced }),
            &ground(&keys, &rules),
        );
    }
    for token in &tokens[16..] {
        cache.remember(&cache.lookup(bytes(token)), verified(token, &replaced), &ground(&replaced, &rules));
    }
    assert_eq!(cache.stats().evictions, 0);
    let held: HashSet<String> =
        tokens.iter().filter_map(|t| recalled(&cache, &cache.lookup(bytes(t)))).collect();
    assert_eq!(held, tokens[8..].iter().cloned().collect());
}

#[test]
fn what_is_hit_survives_a_flood_of_what_is_not_and_old_merit_fades() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new().max_entries(16));
    let store = |token: &str| {
        cache.remember(&cache.lookup(bytes(token)), verified("a", &keys), &ground(&keys, &rules));
    };
    store("hot");
    for number in 0..200 {
        assert!(recalled(&cache, &cache.lookup(bytes("hot"))).is_some(), "after {number}");
        store(&format!("cold-{number}"));
    }
    for number in 0..2000 {
        store(&format!("later-{number}"));
    }
    assert!(recalled(&cache, &cache.lookup(bytes("hot"))).is_none());
}

#[test]
fn counts_hits_and_misses_of_all_threads() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new());
    cache.remember(&cache.lookup(bytes("token")), verified("a", &keys), &ground(&keys, &rules));
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                cache.miss();
                (0..100).for_each(|_| assert!(recalled(&cache, &cache.lookup(bytes("token"))).is_some()));
            });
        }
    });
    assert_eq!((cache.stats().hits, cache.stats().misses), (1000, 10));
}

#[test]
fn threads_that_store_and_clear_at_the_same_time_leave_the_accounts_straight() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new().max_entries(32).max_bytes(20_000));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (cache, keys, rules) = (&cache, &keys, &rules);
            scope.spawn(move || {
                for number in 0..500 {
                    let token = format!("token-{}", number % 40);
                    cache.remember(
                        &cache.lookup(bytes(&token)),
                        verified(&token, keys),
                        &ground(keys, rules),
                    );
                    let found = recalled(cache, &cache.lookup(bytes(&token)));
                    assert!(found.is_none_or(|found| found == token));
                    assert!(cache.stats().bytes <= 20_000);
                    if number % 100 == thread {
                        cache.clear();
                    }
                }
            });
        }
    });
    cache.clear();
    assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
}

#[test]
fn shows_nothing_of_a_token() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = Cache::new(&CacheConfig::new());
    cache.remember(&cache.lookup(bytes("secret-token")), verified("a", &keys), &ground(&keys, &rules));
    let shown = format!("{cache:?}");
    assert!(shown.contains("entries: 1") && !shown.contains("secret"), "{shown}");
}

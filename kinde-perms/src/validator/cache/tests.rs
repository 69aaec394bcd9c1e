use std::hash::BuildHasher;
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

fn context<'c>(keys: &'c Keys, rules: &'c Rules) -> VerifyContext<'c> {
    VerifyContext { keys: Some(keys), issuer: ISSUER, rules, now: NOW }
}

fn cache(config: &CacheConfig) -> Cache {
    Cache::new(config).unwrap()
}

fn lookup<'t>(cache: &Cache, token: &'t str) -> TokenLookup<'t> {
    cache.lookup(token.as_bytes())
}

fn recalled(cache: &Cache, token: &str) -> Option<String> {
    cache.recall(&lookup(cache, token), |_| true).and_then(|claims| claims.token_id().map(str::to_owned))
}

/// Counts the entries of the table and the sum of their bytes, without the statistics.
fn held(cache: &Cache) -> (usize, usize) {
    let held: Vec<usize> = cache.table.iter().map(|(_, entry)| entry.bytes).collect();
    (held.len(), held.iter().sum())
}

#[test]
fn a_token_holds_only_while_every_part_of_the_context_allows_it() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0), ("other", 1)]), rules());
    let verified = verified("a", &keys);
    let base = || context(&keys, &rules);
    assert!(verified.holds(&base()));

    // The clock: within the leeway of 30 s, and one second beyond it, at both ends.
    assert!(verified.holds(&VerifyContext { now: NOW + 629, ..base() }));
    assert!(!verified.holds(&VerifyContext { now: NOW + 630, ..base() }));
    assert!(verified.holds(&VerifyContext { now: NOW - 40, ..base() }));
    assert!(!verified.holds(&VerifyContext { now: NOW - 41, ..base() }));

    assert!(!verified.holds(&VerifyContext { keys: None, ..base() }), "keys too old to be used");
    assert!(!verified.holds(&VerifyContext { issuer: "https://acme.kinde.com/", ..base() }));

    let refreshed = keys_after(&keys, &[("k", 0), ("new", 1)]);
    assert!(verified.holds(&VerifyContext { keys: Some(&refreshed), ..base() }), "a refresh drops nothing");
    let replaced = keys_after(&keys, &[("k", 1)]);
    assert!(!verified.holds(&VerifyContext { keys: Some(&replaced), ..base() }));
    let withdrawn = keys_after(&keys, &[("other", 1)]);
    assert!(!verified.holds(&VerifyContext { keys: Some(&withdrawn), ..base() }));
    let brought_back = keys_after(&withdrawn, &[("k", 0)]);
    assert!(!verified.holds(&VerifyContext { keys: Some(&brought_back), ..base() }));
}

#[test]
fn tokens_of_one_hash_are_told_apart_by_all_of_their_bytes() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new());
    let (first, second) = ("header.first.0123456789abcdef", "header.other.0123456789abcdef");
    let store = |token| cache.store(&lookup(&cache, token), verified(token, &keys), &context(&keys, &rules));
    store(first);
    assert_eq!(recalled(&cache, first).as_deref(), Some(first));
    assert_eq!(recalled(&cache, second), None);
    store(second);
    assert_eq!(recalled(&cache, first).as_deref(), Some(first));
    assert_eq!(recalled(&cache, second).as_deref(), Some(second));
    for other in ["", "0123456789abcdef", &first[1..], &first[..28], "header.first.0123456789abcdef "] {
        assert_eq!(recalled(&cache, other), None, "{other:?}");
    }
}

#[test]
fn the_hash_depends_on_the_end_of_the_token_and_on_the_seed() {
    let (seed, other) = (RandomState::default(), RandomState::default());
    let hash = |seed: &RandomState, token: &str| seed.hash_one(CacheKey::Text(token.as_bytes()));
    let end = "0123456789abcdef";
    let (one, two) = (format!("a.b.{end}"), format!("a.c.{end}"));
    assert_eq!(hash(&seed, &one), hash(&seed, &two));
    assert_ne!(hash(&seed, &one), hash(&seed, &format!("{one}x")));
    assert_ne!(hash(&seed, &one), hash(&other, &one));
    assert_eq!(hash(&seed, "short"), hash(&seed, "short"));
    let key = StoredKey::from(CacheKey::Text(one.as_bytes()));
    assert_eq!(hash(&seed, &one), seed.hash_one(key), "the table finds what it keeps");
}

#[test]
fn a_cache_by_digest_stores_no_token_and_compares_every_byte() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new().keyed_by_digest());
    let token = "header.payload.0123456789abcdef0123456789abcdef";
    cache.store(&lookup(&cache, token), verified("a", &keys), &context(&keys, &rules));
    assert!(cache.table.iter().all(|(key, _)| matches!(key, CacheKey::Digest(_))));
    assert_eq!(recalled(&cache, token).as_deref(), Some("a"));
    assert_eq!(recalled(&cache, &token.replace("payload", "pavload")), None);
}

#[test]
fn a_token_that_is_verified_again_replaces_its_entry() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new());
    for token_id in ["a", "b", "c"] {
        cache.store(&lookup(&cache, "token"), verified(token_id, &keys), &context(&keys, &rules));
        assert_eq!(recalled(&cache, "token").as_deref(), Some(token_id));
    }
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.evictions), (1, 0));
    assert_eq!((stats.entries, stats.bytes), held(&cache));
}

#[test]
fn a_token_looked_up_before_the_cache_was_cleared_is_not_recalled() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new());
    let before = lookup(&cache, "token");
    cache.clear();
    cache.store(&before, verified("a", &keys), &context(&keys, &rules));
    assert_eq!(recalled(&cache, "token"), None);
    cache.store(&lookup(&cache, "token"), verified("b", &keys), &context(&keys, &rules));
    assert_eq!(recalled(&cache, "token").as_deref(), Some("b"));
    cache.clear();
    assert_eq!(recalled(&cache, "token"), None);
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.bytes), (0, 0));
}

#[test]
fn both_limits_hold_and_the_statistics_are_exact() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let weight =
        CacheEntry::new(&lookup(&cache(&CacheConfig::new()), "token-0000"), verified("a", &keys)).bytes;
    let bounds =
        [(1, usize::MAX, 1), (64, usize::MAX, 64), (1500, usize::MAX, 1500), (4096, weight * 100, 100)];
    for (most_entries, most_bytes, fits) in bounds {
        let cache = cache(&CacheConfig::new().max_entries(most_entries).max_bytes(most_bytes));
        for number in 0..2000_u64 {
            let token = format!("token-{number:04}");
            cache.store(&lookup(&cache, &token), verified("a", &keys), &context(&keys, &rules));
            assert!(cache.stats().entries <= fits && cache.stats().bytes <= most_bytes);
        }
        let stats = cache.stats();
        assert!(stats.entries > fits / 2, "{stats:?}");
        assert_eq!((stats.entries, stats.bytes), held(&cache));
        assert_eq!(stats.bytes, stats.entries * weight);
        assert_eq!(stats.evictions, 2000 - u64::try_from(stats.entries).unwrap());
        let found = (0..2000).filter(|n| recalled(&cache, &format!("token-{n:04}")).is_some());
        assert_eq!(found.count(), stats.entries);
    }
}

#[test]
fn tokens_of_many_sizes_keep_both_limits() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new().max_entries(50).max_bytes(100_000));
    for number in 0..2000_usize {
        let token = format!("{}{number:04}", "x".repeat(number * 37 % 6000));
        cache.store(&lookup(&cache, &token), verified("a", &keys), &context(&keys, &rules));
        let (entries, bytes) = held(&cache);
        assert!(entries <= 50 && bytes <= 100_000, "{entries} {bytes}");
        assert_eq!((cache.stats().entries, cache.stats().bytes), (entries, bytes));
    }
}

#[test]
fn a_token_larger_than_the_limit_is_not_stored() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new().max_bytes(100));
    cache.store(&lookup(&cache, "token"), verified("a", &keys), &context(&keys, &rules));
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.bytes, stats.evictions), (0, 0, 0));
}

#[test]
fn the_largest_limits_are_accepted() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    for config in [CacheConfig::new().max_entries(usize::MAX), CacheConfig::new().max_bytes(usize::MAX)] {
        let cache = cache(&config);
        cache.store(&lookup(&cache, "token"), verified("a", &keys), &context(&keys, &rules));
        assert_eq!(recalled(&cache, "token").as_deref(), Some("a"));
    }
}

#[test]
fn a_token_that_could_not_be_recalled_any_more_is_no_eviction() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let replaced = keys_after(&keys, &[("k", 1)]);
    let cache = cache(&CacheConfig::new().max_entries(16));
    let store = |token: &str, keys: &Keys| {
        cache.store(&lookup(&cache, token), verified(token, keys), &context(keys, &rules));
    };
    (0..16).for_each(|number| store(&format!("old-{number}"), &keys));
    (0..100).for_each(|number| store(&format!("new-{number}"), &replaced));
    let old = (0..16).filter(|number| recalled(&cache, &format!("old-{number}")).is_some()).count();
    assert_eq!(cache.stats().entries, 16);
    assert_eq!(cache.stats().evictions, 100 - u64::try_from(16 - old).unwrap());
}

#[test]
fn a_token_in_use_survives_a_flood_and_an_unused_one_is_evicted() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new().max_entries(16));
    let store = |token: &str| {
        cache.store(&lookup(&cache, token), verified("a", &keys), &context(&keys, &rules));
    };
    store("hot");
    for number in 0..200 {
        assert!(recalled(&cache, "hot").is_some(), "after {number}");
        store(&format!("cold-{number}"));
    }
    // Others that are in use take its place.
    for number in 0..2000 {
        let other = format!("later-{}", number / 10);
        store(&other);
        recalled(&cache, &other);
    }
    assert!(recalled(&cache, "hot").is_none());
}

#[test]
fn counts_hits_and_misses_of_all_threads() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new());
    cache.store(&lookup(&cache, "token"), verified("a", &keys), &context(&keys, &rules));
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                cache.count_miss();
                (0..100).for_each(|_| assert!(recalled(&cache, "token").is_some()));
            });
        }
    });
    assert_eq!((cache.stats().hits, cache.stats().misses), (1000, 10));
}

#[test]
fn threads_that_store_and_clear_at_the_same_time_keep_the_statistics_exact() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new().max_entries(32).max_bytes(20_000));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (cache, keys, rules) = (&cache, &keys, &rules);
            scope.spawn(move || {
                for number in 0..500 {
                    let token = format!("token-{}", number % 40);
                    cache.store(&lookup(cache, &token), verified(&token, keys), &context(keys, rules));
                    let found = recalled(cache, &token);
                    assert!(found.is_none_or(|found| found == token));
                    assert!(cache.stats().bytes <= 20_000 && cache.table.weight() <= 20_000);
                    if number % 100 == thread {
                        cache.clear();
                    }
                }
            });
        }
    });
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.bytes), held(&cache));
    cache.clear();
    assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
}

#[test]
fn debug_output_shows_no_token() {
    let (keys, rules) = (keys_after(&Keys::default(), &[("k", 0)]), rules());
    let cache = cache(&CacheConfig::new());
    cache.store(&lookup(&cache, "secret-token"), verified("a", &keys), &context(&keys, &rules));
    let shown = format!("{cache:?}");
    assert!(shown.contains("entries: 1") && !shown.contains("secret"), "{shown}");
}

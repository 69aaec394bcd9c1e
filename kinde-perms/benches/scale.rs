//! Measures a very large number of tokens: memory per token, the slowest verification during evictions, and floods of
//! garbage.
//!
//! `cargo bench --bench scale -- TOKENS`, a million by default; one line per figure, `name value`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a measurement that cannot go on fails, and takes the time"
)]

use std::fs;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use kinde_perms::{Algorithm, Claims, Validator, VerifyError, cache::CacheConfig};
use kinde_perms_testkit::{SigningKey, TokenBuilder};

const ISSUER: &str = "https://acme.kinde.test";
const AUDIENCE: &str = "https://api.example.test";

/// The number of sessions that send their token repeatedly, so that the cache has entries worth keeping.
const REGULARS: usize = 1000;

fn main() {
    let given = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let tokens = given.unwrap_or(1_000_000);
    // Ed25519 signs fast; a cache entry does not depend on the algorithm.
    let key = SigningKey::generate(Algorithm::EdDsa);
    let keys = format!(r#"{{"keys":[{}]}}"#, key.public_jwk());
    start_up(&keys);
    let large = CacheConfig::new().max_entries(2 * tokens).max_bytes(usize::MAX);
    let by_text = validator(&keys, large.clone());
    memory(&by_text, &key, tokens, "");
    let by_digest = validator(&keys, large.keyed_by_digest());
    memory(&by_digest, &key, tokens, "_by_digest");
    // Dropped only now: otherwise the second would reuse the memory of the first and seem to need none.
    drop((by_text, by_digest));
    eviction(&validator(&keys, CacheConfig::new()), &key, tokens);
    garbage(&validator(&keys, CacheConfig::new()), &key, tokens);
}

fn validator(keys: &str, cache: CacheConfig) -> Validator {
    let builder = Validator::builder(ISSUER, AUDIENCE).algorithms([Algorithm::EdDsa]).cache(cache);
    builder.build_with_static_keys(keys).unwrap()
}

fn token(key: &SigningKey) -> String {
    let keys: Vec<String> = (0..10).map(|number| format!("read:item{number}")).collect();
    TokenBuilder::new(ISSUER, AUDIENCE).key(key).permissions(keys.iter().map(String::as_str)).sign()
}

fn verify(validator: &Validator, token: &str) -> Result<Claims, VerifyError> {
    match pin!(validator.verify(black_box(token))).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("with fixed keys nothing waits"),
    }
}

/// The bytes of memory the process occupies.
fn resident() -> usize {
    let accounts = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    accounts.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).map_or(0, |pages| pages * 4096)
}

fn start_up(keys: &str) {
    let start = Instant::now();
    let validator = validator(keys, CacheConfig::new());
    println!("start_up_us {}", start.elapsed().as_micros());
    drop(validator);
}

fn memory(validator: &Validator, key: &SigningKey, tokens: usize, kind: &str) {
    let before = resident();
    for _ in 0..tokens {
        verify(validator, &token(key)).unwrap();
    }
    let stats = validator.cache_stats().unwrap();
    println!("tokens_kept{kind} {}", stats.entries);
    println!("bytes_per_token{kind} {}", (resident() - before) / stats.entries);
    println!("counted_bytes_per_token{kind} {}", stats.bytes / stats.entries);
}

fn eviction(validator: &Validator, key: &SigningKey, tokens: usize) {
    let regulars: Vec<String> = (0..REGULARS).map(|_| token(key)).collect();
    let mut taken: Vec<Duration> = Vec::with_capacity(tokens);
    let (mut recalled, mut shown) = (0_u64, 0_u64);
    for (new, regular) in (0..tokens).zip(regulars.iter().cycle()) {
        let once = token(key);
        let start = Instant::now();
        verify(validator, &once).unwrap();
        taken.push(start.elapsed());
        if new % 4 == 0 {
            let before = validator.cache_stats().unwrap().hits;
            verify(validator, regular).unwrap();
            shown += 1;
            recalled += validator.cache_stats().unwrap().hits - before;
        }
    }
    taken.sort_unstable();
    let stats = validator.cache_stats().unwrap();
    println!("evictions {}", stats.evictions);
    println!("regulars_recalled_percent {}", recalled * 100 / shown);
    println!("verify_with_eviction_p50_us {}", taken[tokens / 2].as_micros());
    println!("verify_with_eviction_p999_us {}", taken[tokens / 1000 * 999].as_micros());
}

fn garbage(validator: &Validator, key: &SigningKey, tokens: usize) {
    let good = token(key);
    let before = resident();
    let start = Instant::now();
    for number in 0..tokens {
        let (head, _) = good.split_at(good.len() - 12);
        assert!(verify(validator, &format!("{head}{number:012}")).is_err());
    }
    println!("garbage_ns_per_token {}", start.elapsed().as_nanos() / u128::try_from(tokens).unwrap());
    println!("garbage_growth_bytes {}", resident().saturating_sub(before));
    println!("garbage_kept {}", validator.cache_stats().unwrap().entries);
}

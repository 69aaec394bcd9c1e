//! Times of every scenario, and of the cache under several threads: `cargo bench --bench hot_paths`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unused_async,
    missing_docs,
    unreachable_pub,
    reason = "a measurement that cannot go on fails; handlers are async by form"
)]

mod scenarios;

use std::sync::LazyLock;

use divan::Bencher;
use kinde_perms::cache::CacheConfig;

use self::scenarios::{Fixture, hit, scenarios};

static FIXTURE: LazyLock<Fixture> = LazyLock::new(Fixture::new);

fn main() {
    divan::main();
}

fn names() -> impl Iterator<Item = &'static str> {
    scenarios().into_iter().map(|(name, _)| name)
}

#[divan::bench(args = names())]
fn scenario(bencher: Bencher<'_, '_>, name: &str) {
    let (_, prepare) = scenarios().into_iter().find(|(known, _)| *known == name).unwrap();
    let mut work = prepare(&FIXTURE);
    bencher.bench_local(&mut work);
}

/// One hot token on several threads, which share the lock of its shard and the count of its claims.
#[divan::bench(threads = [1, 2], sample_size = 1000)]
fn cache_hit_contended(bencher: Bencher<'_, '_>) {
    let hit = hit(&FIXTURE, CacheConfig::new());
    bencher.bench(hit);
}

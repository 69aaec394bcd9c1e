//! The test kit's clock for unit tests, and a key source that follows a script.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) use kinde_perms_testkit::ManualClock;
use serde_json::json;

use super::{Fetched, Fetching, KeyError, KeySource};
use crate::time::{Clock, Sleep};

/// Creates the test kit's clock at a time of these tests.
pub(crate) fn manual_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Duration::from_secs(1_800_000_000)))
}

/// The kit implements the trait of the library that it depends on, of which unit tests are a second copy.
impl Clock for ManualClock {
    fn unix_time(&self) -> Duration {
        self.unix_time()
    }

    fn monotonic(&self) -> Duration {
        self.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep(duration)
    }
}

/// Advances the time, ends the sleeps that are over, and lets all tasks run.
pub(crate) async fn advance(clock: &ManualClock, duration: Duration) {
    clock.advance(duration);
    run_tasks().await;
}

/// Runs the tasks of a single-threaded runtime until all of them wait.
pub(crate) async fn run_tasks() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// The reaction of a scripted source to a fetch.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Returns these keys: ids, and numbers that stand for material.
    Keys(Vec<(&'static str, u8)>),
    Fail(KeyError),
    /// Never ends.
    Hang,
    /// Waits for a permit of [`Script::gate`], then does the next act.
    Gate,
    Panic,
}

/// A source that follows a script and repeats its last act.
#[derive(Debug)]
pub(crate) struct Script {
    acts: Mutex<VecDeque<Act>>,
    calls: AtomicUsize,
    busy: AtomicBool,
    pub(crate) gate: tokio::sync::Semaphore,
    pub(crate) max_age: Mutex<Option<Duration>>,
}

impl Script {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Arc<Self> {
        let acts = Mutex::new(acts.into_iter().collect());
        let gate = tokio::sync::Semaphore::new(0);
        Arc::new(Self {
            acts,
            calls: AtomicUsize::new(0),
            busy: AtomicBool::new(false),
            gate,
            max_age: Mutex::new(None),
        })
    }

    /// Replaces the rest of the script.
    pub(crate) fn rewrite(&self, acts: impl IntoIterator<Item = Act>) {
        *self.acts.lock().unwrap() = acts.into_iter().collect();
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn next_act(&self) -> Act {
        let mut acts = self.acts.lock().unwrap();
        if acts.len() > 1 { acts.pop_front().unwrap() } else { acts.front().cloned().unwrap() }
    }

    async fn act(&self) -> Result<Fetched, KeyError> {
        let _busy = Busy::new(&self.busy);
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut act = self.next_act();
        if matches!(act, Act::Gate) {
            self.gate.acquire().await.unwrap().forget();
            act = self.next_act();
        }
        match act {
            Act::Keys(keys) => Ok(self.fetched(&keys)),
            Act::Fail(error) => Err(error),
            Act::Hang | Act::Gate => std::future::pending().await,
            Act::Panic => panic!("as the script demands"),
        }
    }

    fn fetched(&self, keys: &[(&'static str, u8)]) -> Fetched {
        let fetched = Fetched::new(key_set(keys)).with_issuer("https://issuer.example");
        Fetched { max_age: *self.max_age.lock().unwrap(), ..fetched }
    }
}

impl KeySource for Script {
    fn fetch(&self) -> Fetching<'_> {
        Box::pin(self.act())
    }
}

/// Guards a fetch: panics if two run at once, and notices the end of one that is dropped.
struct Busy<'a>(&'a AtomicBool);

impl<'a> Busy<'a> {
    fn new(busy: &'a AtomicBool) -> Self {
        assert!(!busy.swap(true, Ordering::SeqCst), "two fetches at once");
        Self(busy)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// A JWK Set of Ed25519 keys.
pub(crate) fn key_set(keys: &[(&str, u8)]) -> String {
    let jwk =
        |(kid, material): &(&str, u8)| json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x(*material)});
    json!({ "keys": keys.iter().map(jwk).collect::<Vec<_>>() }).to_string()
}

/// 32 bytes in base64url, different for each number.
fn x(material: u8) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode([material; 32])
}

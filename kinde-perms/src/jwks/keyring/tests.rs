use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use super::*;
use crate::jwks::testing::{Act, ManualClock, Script, key_set, run_tasks};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const OUTAGE: Act = Act::Fail(KeyError::TimedOut);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn keys(keys: &[(&'static str, u8)]) -> Act {
    Act::Keys(keys.to_vec())
}

struct Bench {
    keyring: Keyring,
    source: Arc<Script>,
    clock: Arc<ManualClock>,
}

impl Bench {
    fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        let (source, clock) = (Script::new(acts), Arc::new(ManualClock::default()));
        let (fetched, told): (Arc<dyn KeySource>, Arc<dyn Clock>) = (source.clone(), clock.clone());
        let keyring = Keyring::new(fetched, vec![Algorithm::EdDsa], DAY, told);
        Self { keyring, source, clock }
    }

    /// A keyring that has fetched its first set, with the key `a`.
    async fn warm() -> Self {
        let bench = Self::new([keys(&[("a", 1)])]);
        bench.keyring.refresh_now().await.unwrap();
        bench
    }

    fn generation(&self, kid: &str) -> Option<u64> {
        self.keyring.current().keys().and_then(|keys| keys.get(kid)).map(Entry::generation)
    }

    fn has(&self, kid: &str) -> bool {
        self.generation(kid).is_some()
    }

    /// Starts a look-up, and lets it come as far as it can.
    async fn ask(&self, kid: &'static str) -> tokio::task::JoinHandle<Lookup> {
        let keyring = self.keyring.clone();
        let lookup = tokio::spawn(async move { keyring.find(kid).await });
        run_tasks().await;
        lookup
    }
}

/// Polls once: what a future returns that does not wait.
async fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

fn is_unknown(lookup: &Lookup) -> bool {
    matches!(lookup, Lookup::Lacking(Answer::UnknownKey))
}

fn is_found(lookup: &Lookup) -> bool {
    matches!(lookup, Lookup::Found(_))
}

fn is_unavailable(lookup: &Lookup) -> bool {
    matches!(lookup, Lookup::Lacking(Answer::Unavailable { .. }))
}

#[tokio::test]
async fn keys_are_fetched_once_and_read_without_waiting() {
    let bench = Bench::warm().await;
    assert!(bench.has("a"));
    assert!(!bench.has("b"));
    assert_eq!(bench.keyring.current().issuer(), Some("https://issuer.example"));
    assert_eq!(bench.source.calls(), 1);
}

#[tokio::test]
async fn keys_are_refreshed_ahead_of_expiry_without_a_request() {
    let bench = Bench::warm().await;
    bench.source.rewrite([keys(&[("a", 1), ("b", 2)])]);
    bench.clock.advance(secs(419)).await;
    assert_eq!(bench.source.calls(), 1, "not before 70 % of 10 min");
    bench.clock.advance(secs(121)).await;
    assert_eq!(bench.source.calls(), 2, "not after 90 %");
    assert!(bench.has("b"));
}

#[tokio::test]
async fn the_lifetime_is_the_issuer_s_within_bounds() {
    let bench = Bench::new([keys(&[("a", 1)])]);
    *bench.source.max_age.lock().unwrap() = Some(secs(3600));
    bench.keyring.refresh_now().await.unwrap();
    let next = bench.keyring.health().next_refresh().unwrap();
    assert!((secs(2520)..=secs(3240)).contains(&next), "{next:?}");
}

#[tokio::test]
async fn a_refresh_keeps_the_generation_of_what_stays() {
    let bench = Bench::warm().await;
    let before = bench.generation("a");
    bench.source.rewrite([keys(&[("a", 1), ("b", 2)])]);
    bench.keyring.refresh_now().await.unwrap();
    assert_eq!(bench.generation("a"), before);
    bench.source.rewrite([keys(&[("a", 9)])]);
    bench.keyring.refresh_now().await.unwrap();
    assert_ne!(bench.generation("a"), before);
    assert!(!bench.has("b"), "a key that the issuer withdrew is gone");
}

#[tokio::test]
async fn an_outage_is_survived_until_the_limit_and_no_longer() {
    let bench = Bench::warm().await;
    bench.source.rewrite([OUTAGE]);
    for _ in 0..24 * 60 {
        bench.clock.advance(secs(60)).await;
        assert!(bench.has("a"));
    }
    assert_eq!(bench.keyring.health().last_error(), Some(&KeyError::TimedOut));
    bench.clock.advance(secs(1)).await;
    assert!(!bench.has("a"), "older than a day");
    assert!(!bench.keyring.health().is_usable());
    assert!(is_unavailable(&bench.keyring.find("a").await));

    bench.source.rewrite([keys(&[("a", 1)])]);
    bench.clock.advance(secs(60)).await;
    assert!(bench.has("a"), "back within a minute");
}

#[tokio::test]
async fn documents_that_are_no_key_sets_are_an_outage_too() {
    let bench = Bench::warm().await;
    bench.source.rewrite([keys(&[])]);
    assert_eq!(bench.keyring.refresh_now().await, Err(KeyError::NoUsableKey));
    assert!(bench.has("a"));
}

#[tokio::test]
async fn a_new_key_is_found_with_one_fetch_however_many_ask() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Gate, keys(&[("a", 1), ("b", 2)])]);
    let mut lookups = Vec::new();
    for _ in 0..MAX_WAITING {
        lookups.push(bench.ask("b").await);
    }
    assert!(lookups.iter().all(|lookup| !lookup.is_finished()));
    assert!(bench.has("a"), "known keys are read meanwhile");
    bench.source.gate.add_permits(1);
    for lookup in lookups {
        assert!(is_found(&lookup.await.unwrap()));
    }
    assert_eq!(bench.source.calls(), 2);
}

#[tokio::test]
async fn no_more_than_64_wait() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Hang]);
    bench.clock.advance(secs(31)).await;
    for _ in 0..MAX_WAITING {
        bench.ask("b").await;
    }
    let one_more = at_once(bench.keyring.find("b")).await;
    assert!(is_unavailable(&one_more.expect("answered at once")));
}

#[tokio::test]
async fn nobody_waits_longer_than_two_seconds() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Hang]);
    bench.clock.advance(secs(31)).await;
    let lookup = bench.ask("b").await;
    bench.clock.advance(Duration::from_millis(1999)).await;
    assert!(!lookup.is_finished());
    bench.clock.advance(Duration::from_millis(1)).await;
    assert!(is_unavailable(&lookup.await.unwrap()));
}

#[tokio::test]
async fn a_request_that_goes_away_leaves_its_place_and_the_fetch_goes_on() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Gate, keys(&[("b", 2)])]);
    let lookup = bench.ask("b").await;
    assert_eq!(bench.keyring.shared.waiting.available_permits(), MAX_WAITING - 1);
    lookup.abort();
    run_tasks().await;
    assert_eq!(bench.keyring.shared.waiting.available_permits(), MAX_WAITING);
    bench.source.gate.add_permits(1);
    run_tasks().await;
    assert!(bench.has("b"));
}

#[tokio::test]
async fn a_flood_on_a_healthy_issuer_is_refused_at_the_cost_of_two_fetches() {
    let bench = Bench::warm().await;
    for kid in ["u", "v", "w", "x", "y", "z"] {
        assert!(is_unknown(&bench.keyring.find(kid).await), "{kid}");
    }
    assert_eq!(bench.source.calls(), 3);
}

#[tokio::test]
async fn an_id_that_is_known_to_be_absent_costs_nothing() {
    let bench = Bench::warm().await;
    for _ in 0..100 {
        assert!(is_unknown(&bench.keyring.find("x").await));
    }
    assert_eq!(bench.source.calls(), 2);
}

#[tokio::test]
async fn an_outage_is_not_the_token_s_fault() {
    let bench = Bench::warm().await;
    bench.source.rewrite([OUTAGE]);
    bench.clock.advance(secs(31)).await;
    for kid in ["u", "v", "w", "x"] {
        let lookup = bench.keyring.find(kid).await;
        let Lookup::Lacking(Answer::Unavailable { retry_after }) = lookup else {
            panic!("{kid}: {lookup:?}")
        };
        assert!((secs(1)..=secs(60)).contains(&retry_after));
    }
    assert_eq!(bench.source.calls(), 3, "two fetches for four requests");
    assert!(bench.has("a"));
}

#[tokio::test]
async fn a_start_without_an_issuer_is_unavailable_until_it_comes_back() {
    let bench = Bench::new([OUTAGE]);
    assert!(bench.keyring.current().keys().is_none());
    assert!(is_unavailable(&bench.keyring.find("a").await));
    bench.source.rewrite([keys(&[("a", 1)])]);
    for _ in 0..10 {
        bench.clock.advance(secs(1)).await;
    }
    assert!(bench.has("a"));
}

#[tokio::test]
async fn the_first_request_of_a_lazy_start_waits_for_the_first_fetch() {
    let bench = Bench::new([keys(&[("a", 1)])]);
    let (first, second) = (bench.ask("a").await, bench.ask("a").await);
    assert!(is_found(&first.await.unwrap()) && is_found(&second.await.unwrap()));
    assert_eq!(bench.source.calls(), 1);
}

#[tokio::test]
async fn a_key_replaced_under_its_id_is_found_by_its_bad_signature() {
    let bench = Bench::warm().await;
    let generation = bench.generation("a").unwrap();
    bench.source.rewrite([keys(&[("a", 2)])]);
    let replacement = bench.keyring.report_bad_signature("a", generation).await.unwrap();
    assert_ne!(replacement.generation(), generation);
    let again = bench.keyring.report_bad_signature("a", generation).await.unwrap();
    assert_eq!(again.generation(), replacement.generation());
    assert_eq!(bench.source.calls(), 2, "who comes late gets the new key at once");
}

#[tokio::test]
async fn bad_signatures_cost_one_fetch_in_five_minutes() {
    let bench = Bench::warm().await;
    let generation = bench.generation("a").unwrap();
    for _ in 0..100 {
        assert!(bench.keyring.report_bad_signature("a", generation).await.is_none());
    }
    assert_eq!(bench.source.calls(), 2);
    bench.clock.advance(secs(300)).await;
    assert!(bench.keyring.report_bad_signature("a", generation).await.is_none());
    assert_eq!(bench.source.calls(), 3);
}

#[tokio::test]
async fn a_bad_signature_waits_no_longer_than_two_seconds() {
    let bench = Bench::warm().await;
    let generation = bench.generation("a").unwrap();
    bench.source.rewrite([Act::Hang]);
    let keyring = bench.keyring.clone();
    let report = tokio::spawn(async move { keyring.report_bad_signature("a", generation).await.is_none() });
    run_tasks().await;
    assert!(!report.is_finished());
    bench.clock.advance(WAIT_LIMIT).await;
    assert!(report.await.unwrap());
}

#[tokio::test]
async fn a_source_that_never_ends_is_given_up_and_tried_again() {
    let bench = Bench::new([Act::Hang, keys(&[("a", 1)])]);
    bench.keyring.start();
    run_tasks().await;
    bench.clock.advance(secs(15)).await;
    assert_eq!(bench.keyring.health().last_error(), Some(&KeyError::TimedOut));
    bench.clock.advance(secs(2)).await;
    assert!(bench.has("a"));
}

#[tokio::test]
async fn a_source_that_panics_is_an_outage() {
    let bench = Bench::new([Act::Panic, keys(&[("a", 1)])]);
    bench.keyring.start();
    run_tasks().await;
    assert!(matches!(bench.keyring.health().last_error(), Some(KeyError::Source(_))));
    assert!(bench.keyring.current().keys().is_none(), "this read starts the task anew");
    run_tasks().await;
    assert_eq!(bench.source.calls(), 1, "and it backs off");
    bench.clock.advance(secs(2)).await;
    assert!(bench.has("a"));
}

#[tokio::test]
async fn a_demand_tells_why_it_failed_and_loses_nothing() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Fail(KeyError::Status(500)), keys(&[("b", 2)])]);
    assert_eq!(bench.keyring.refresh_now().await, Err(KeyError::Status(500)));
    assert!(bench.has("a"));
    assert_eq!(bench.keyring.refresh_now().await, Ok(()));
    assert!(bench.has("b"));
}

#[tokio::test]
async fn a_demand_during_a_fetch_is_met_by_the_next() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Gate, keys(&[("a", 1)]), keys(&[("b", 2)])]);
    bench.ask("x").await;
    let keyring = bench.keyring.clone();
    let demand = tokio::spawn(async move { keyring.refresh_now().await });
    run_tasks().await;
    bench.source.gate.add_permits(1);
    demand.await.unwrap().unwrap();
    assert_eq!(bench.source.calls(), 3);
    assert!(bench.has("b"));
}

#[tokio::test]
async fn start_up_tries_three_times_if_the_cause_may_pass() {
    let bench = Bench::new([OUTAGE, OUTAGE, keys(&[("a", 1)])]);
    let keyring = bench.keyring.clone();
    let start = tokio::spawn(async move { keyring.connect().await });
    run_tasks().await;
    for _ in 0..5 {
        bench.clock.advance(secs(1)).await;
    }
    assert_eq!(start.await.unwrap(), Ok(()));

    let bench = Bench::new([Act::Fail(KeyError::IssuerMismatch)]);
    assert_eq!(bench.keyring.connect().await, Err(KeyError::IssuerMismatch));
    assert_eq!(bench.source.calls(), 1);
}

#[tokio::test]
async fn start_up_fails_in_the_end() {
    let bench = Bench::new([OUTAGE]);
    let keyring = bench.keyring.clone();
    let start = tokio::spawn(async move { keyring.connect().await });
    run_tasks().await;
    for _ in 0..5 {
        bench.clock.advance(secs(1)).await;
    }
    assert_eq!(start.await.unwrap(), Err(KeyError::TimedOut));
}

#[tokio::test]
async fn the_task_ends_with_the_last_clone() {
    let Bench { keyring, source, clock } = Bench::warm().await;
    let clone = keyring.clone();
    drop(keyring);
    run_tasks().await;
    assert_eq!(Arc::strong_count(&source), 3, "this test, the clone, and the task");
    drop(clone);
    run_tasks().await;
    assert_eq!(Arc::strong_count(&source), 1);
    clock.advance(DAY).await;
    assert_eq!(source.calls(), 1);
}

#[tokio::test]
async fn the_last_clone_takes_a_fetch_under_way_with_it() {
    let Bench { keyring, source, .. } = Bench::new([Act::Hang]);
    keyring.start();
    run_tasks().await;
    assert_eq!(source.calls(), 1);
    drop(keyring);
    run_tasks().await;
    assert_eq!(Arc::strong_count(&source), 1);
}

#[tokio::test]
async fn shutdown_ends_the_task_and_keeps_the_keys() {
    let bench = Bench::warm().await;
    bench.keyring.shutdown().await;
    assert_eq!(Arc::strong_count(&bench.source), 2, "this test and the keyring");
    assert!(bench.has("a"));
    assert_eq!(bench.keyring.refresh_now().await, Err(KeyError::Stopped));
    bench.clock.advance(secs(3600)).await;
    assert!(is_unavailable(&bench.keyring.find("b").await));
    assert_eq!(bench.source.calls(), 1);
    assert_eq!(bench.keyring.health().next_refresh(), None);
    bench.keyring.shutdown().await;
}

#[tokio::test]
async fn shutdown_sends_those_who_wait_away() {
    let bench = Bench::new([Act::Hang]);
    let lookup = bench.ask("a").await;
    let keyring = bench.keyring.clone();
    let demand = tokio::spawn(async move { keyring.refresh_now().await });
    run_tasks().await;
    bench.keyring.shutdown().await;
    assert!(is_unavailable(&lookup.await.unwrap()));
    assert_eq!(demand.await.unwrap(), Err(KeyError::Stopped));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

#[test]
fn a_runtime_that_is_gone_is_replaced_by_the_next() {
    let bench = runtime().block_on(Bench::warm());
    bench.source.rewrite([keys(&[("b", 2)])]);
    assert!(bench.has("a"), "read without any runtime");
    runtime().block_on(async {
        assert!(bench.has("a"), "this read starts the task anew");
        bench.clock.advance(secs(540)).await;
        assert!(bench.has("b"));
    });
    runtime().block_on(async {
        bench.source.rewrite([keys(&[("c", 3)])]);
        assert!(is_found(&bench.keyring.find("c").await), "and so does a look-up");
    });
    runtime().block_on(async { assert_eq!(bench.keyring.refresh_now().await, Ok(())) });
}

#[test]
fn a_fetch_that_was_lost_with_its_runtime_is_repeated_by_whoever_waits_for_it() {
    let lost = runtime();
    let bench = Bench::new([Act::Hang, keys(&[("a", 1)])]);
    lost.block_on(async {
        bench.keyring.start();
        run_tasks().await;
    });
    assert_eq!(bench.source.calls(), 1);
    runtime().block_on(async {
        let (lookup, other) = (bench.ask("a").await, bench.ask("a").await);
        assert!(!lookup.is_finished());
        lost.shutdown_background();
        assert!(is_found(&lookup.await.unwrap()) && is_found(&other.await.unwrap()));
    });
    assert_eq!(bench.source.calls(), 2);
}

#[test]
fn without_a_runtime_there_is_an_answer_and_no_panic() {
    let bench = Bench::new([keys(&[("a", 1)])]);
    assert!(bench.keyring.current().keys().is_none());
    bench.keyring.start();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut lookup = pin!(bench.keyring.find("a"));
    assert!(matches!(
        lookup.as_mut().poll(&mut context),
        Poll::Ready(Lookup::Lacking(Answer::Unavailable { .. }))
    ));
    let mut demand = pin!(bench.keyring.refresh_now());
    assert!(matches!(demand.as_mut().poll(&mut context), Poll::Ready(Err(KeyError::Stopped))));
}

#[tokio::test]
async fn static_keys_never_change_and_never_grow_old() {
    let set =
        crate::jwks::document::read(key_set(&[("a", 1)]).as_bytes(), &[Algorithm::EdDsa], &Keys::default());
    let clock = Arc::new(ManualClock::default());
    let keyring = Keyring::fixed(set.unwrap().keys, clock.clone());
    clock.advance(100 * DAY).await;
    assert!(keyring.current().keys().is_some_and(|keys| keys.get("a").is_some()));
    assert!(is_found(&keyring.find("a").await));
    assert!(is_unknown(&keyring.find("b").await));
    assert!(keyring.report_bad_signature("a", 0).await.is_none());
    assert_eq!(keyring.refresh_now().await, Ok(()));
    let health = keyring.health();
    assert_eq!((health.key_count(), health.age(), health.next_refresh()), (1, None, None));
    assert!(health.is_usable() && health.last_error().is_none());
}

#[tokio::test]
async fn health_tells_age_and_trouble() {
    let bench = Bench::new([keys(&[("a", 1)])]);
    let health = bench.keyring.health();
    assert_eq!((health.key_count(), health.age(), health.is_usable()), (0, None, false));
    bench.keyring.refresh_now().await.unwrap();
    bench.source.rewrite([OUTAGE]);
    bench.clock.advance(secs(540)).await;
    let health = bench.keyring.health();
    assert_eq!((health.key_count(), health.age(), health.is_usable()), (1, Some(secs(540)), true));
    assert_eq!(health.last_error(), Some(&KeyError::TimedOut));
    assert!(health.next_refresh().is_some_and(|next| next <= secs(2)));
}

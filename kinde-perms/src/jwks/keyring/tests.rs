use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use super::shared::MAX_WAITING;
use super::*;
use crate::jwks::testing::{Act, ManualClock, Script, advance, key_set, manual_clock, run_tasks};

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
        let (source, clock) = (Script::new(acts), manual_clock());
        let (fetched, told): (Arc<dyn KeySource>, Arc<dyn Clock>) = (source.clone(), clock.clone());
        let keyring = Keyring::new(fetched, vec![Algorithm::EdDsa], DAY, told);
        Self { keyring, source, clock }
    }

    /// Creates a keyring that has fetched its first set, with the key `a`.
    async fn warm() -> Self {
        let bench = Self::new([keys(&[("a", 1)])]);
        bench.keyring.refresh_now().await.unwrap();
        bench
    }

    fn generation(&self, kid: &str) -> Option<u64> {
        self.keyring.current().keys().and_then(|keys| keys.get(kid)).map(KeyEntry::generation)
    }

    fn has(&self, kid: &str) -> bool {
        self.generation(kid).is_some()
    }

    /// Starts a look-up, and lets it run until it waits or ends.
    async fn ask(&self, kid: &'static str) -> tokio::task::JoinHandle<Lookup> {
        let keyring = self.keyring.clone();
        let lookup = tokio::spawn(async move { keyring.find(kid).await });
        run_tasks().await;
        lookup
    }
}

/// Polls once and returns the output of a future that does not wait.
async fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

fn is_unknown(lookup: &Lookup) -> bool {
    matches!(lookup, Lookup::Failed(LookupFailure::UnknownKey))
}

fn is_found(lookup: &Lookup) -> bool {
    matches!(lookup, Lookup::Found(_))
}

fn is_unavailable(lookup: &Lookup) -> bool {
    matches!(lookup, Lookup::Failed(LookupFailure::Unavailable { .. }))
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
    advance(&bench.clock, secs(419)).await;
    assert_eq!(bench.source.calls(), 1, "not before 70 % of 10 min");
    advance(&bench.clock, secs(121)).await;
    assert_eq!(bench.source.calls(), 2, "not after 90 %");
    assert!(bench.has("b"));
}

#[tokio::test]
async fn the_lifetime_of_the_set_is_the_one_that_the_source_returns() {
    let bench = Bench::new([keys(&[("a", 1)])]);
    *bench.source.max_age.lock().unwrap() = Some(secs(3600));
    bench.keyring.refresh_now().await.unwrap();
    let next = bench.keyring.health().next_refresh().unwrap();
    assert!((secs(2520)..=secs(3240)).contains(&next), "{next:?}");
}

#[tokio::test]
async fn a_refresh_keeps_the_generation_of_a_key_that_stays() {
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
async fn keys_are_used_through_an_outage_until_max_stale_and_no_longer() {
    let bench = Bench::warm().await;
    bench.source.rewrite([OUTAGE]);
    for _ in 0..24 * 60 {
        advance(&bench.clock, secs(60)).await;
        assert!(bench.has("a"));
    }
    assert_eq!(bench.keyring.health().last_error(), Some(&KeyError::TimedOut));
    advance(&bench.clock, secs(1)).await;
    assert!(!bench.has("a"), "older than a day");
    assert!(!bench.keyring.health().is_usable());
    assert!(is_unavailable(&bench.keyring.find("a").await));

    bench.source.rewrite([keys(&[("a", 1)])]);
    advance(&bench.clock, secs(60)).await;
    assert!(bench.has("a"), "back within a minute");
}

#[tokio::test]
async fn a_document_without_usable_keys_leaves_the_last_good_keys() {
    let bench = Bench::warm().await;
    bench.source.rewrite([keys(&[])]);
    assert_eq!(bench.keyring.refresh_now().await, Err(KeyError::NoUsableKey));
    assert!(bench.has("a"));
}

#[tokio::test]
async fn a_new_key_is_found_by_one_fetch_for_all_requests_that_wait() {
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
async fn no_more_than_64_requests_wait() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Hang]);
    advance(&bench.clock, secs(31)).await;
    for _ in 0..MAX_WAITING {
        bench.ask("b").await;
    }
    let one_more = at_once(bench.keyring.find("b")).await;
    assert!(is_unavailable(&one_more.expect("answered at once")));
}

#[tokio::test]
async fn no_request_waits_longer_than_two_seconds() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Hang]);
    advance(&bench.clock, secs(31)).await;
    let lookup = bench.ask("b").await;
    advance(&bench.clock, Duration::from_millis(1999)).await;
    assert!(!lookup.is_finished());
    advance(&bench.clock, Duration::from_millis(1)).await;
    assert!(is_unavailable(&lookup.await.unwrap()));
}

#[tokio::test]
async fn a_request_that_is_dropped_frees_its_place_and_the_fetch_goes_on() {
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
async fn a_flood_of_unknown_kids_causes_two_fetches_from_a_healthy_issuer() {
    let bench = Bench::warm().await;
    for kid in ["u", "v", "w", "x", "y", "z"] {
        assert!(is_unknown(&bench.keyring.find(kid).await), "{kid}");
    }
    assert_eq!(bench.source.calls(), 3);
}

#[tokio::test]
async fn an_id_that_is_known_to_be_absent_causes_no_fetch() {
    let bench = Bench::warm().await;
    for _ in 0..100 {
        assert!(is_unknown(&bench.keyring.find("x").await));
    }
    assert_eq!(bench.source.calls(), 2);
}

#[tokio::test]
async fn during_an_outage_an_absent_key_is_unavailable_and_not_unknown() {
    let bench = Bench::warm().await;
    bench.source.rewrite([OUTAGE]);
    advance(&bench.clock, secs(31)).await;
    for kid in ["u", "v", "w", "x"] {
        let lookup = bench.keyring.find(kid).await;
        let Lookup::Failed(LookupFailure::Unavailable { retry_after }) = lookup else {
            panic!("{kid}: {lookup:?}")
        };
        assert!((secs(1)..=secs(60)).contains(&retry_after));
    }
    assert_eq!(bench.source.calls(), 3, "two fetches for four requests");
    assert!(bench.has("a"));
}

#[tokio::test]
async fn keys_are_unavailable_until_an_issuer_that_was_down_at_start_answers() {
    let bench = Bench::new([OUTAGE]);
    assert!(bench.keyring.current().keys().is_none());
    assert!(is_unavailable(&bench.keyring.find("a").await));
    bench.source.rewrite([keys(&[("a", 1)])]);
    for _ in 0..10 {
        advance(&bench.clock, secs(1)).await;
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
async fn a_key_that_was_replaced_under_its_id_is_found_after_a_bad_signature() {
    let bench = Bench::warm().await;
    let generation = bench.generation("a").unwrap();
    bench.source.rewrite([keys(&[("a", 2)])]);
    let replacement = bench.keyring.report_bad_signature("a", generation).await.unwrap();
    assert_ne!(replacement.generation(), generation);
    let again = bench.keyring.report_bad_signature("a", generation).await.unwrap();
    assert_eq!(again.generation(), replacement.generation());
    assert_eq!(bench.source.calls(), 2, "a later report gets the new key without a fetch");
}

#[tokio::test]
async fn bad_signatures_cause_one_fetch_in_five_minutes() {
    let bench = Bench::warm().await;
    let generation = bench.generation("a").unwrap();
    for _ in 0..100 {
        assert!(bench.keyring.report_bad_signature("a", generation).await.is_none());
    }
    assert_eq!(bench.source.calls(), 2);
    advance(&bench.clock, secs(300)).await;
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
    advance(&bench.clock, WAIT_LIMIT).await;
    assert!(report.await.unwrap());
}

#[tokio::test]
async fn a_fetch_that_never_ends_times_out_and_is_repeated() {
    let bench = Bench::new([Act::Hang, keys(&[("a", 1)])]);
    bench.keyring.start();
    run_tasks().await;
    advance(&bench.clock, secs(15)).await;
    assert_eq!(bench.keyring.health().last_error(), Some(&KeyError::TimedOut));
    advance(&bench.clock, secs(2)).await;
    assert!(bench.has("a"));
}

#[tokio::test]
async fn a_source_that_panics_counts_as_failed_and_is_called_again() {
    let bench = Bench::new([Act::Panic, keys(&[("a", 1)])]);
    bench.keyring.start();
    run_tasks().await;
    assert!(matches!(bench.keyring.health().last_error(), Some(KeyError::Source(_))));
    assert!(bench.keyring.current().keys().is_none(), "this read starts the task anew");
    run_tasks().await;
    assert_eq!(bench.source.calls(), 1, "and it backs off");
    advance(&bench.clock, secs(2)).await;
    assert!(bench.has("a"));
}

#[tokio::test]
async fn a_failed_demand_returns_its_error_and_keeps_the_keys() {
    let bench = Bench::warm().await;
    bench.source.rewrite([Act::Fail(KeyError::Status(500)), keys(&[("b", 2)])]);
    assert_eq!(bench.keyring.refresh_now().await, Err(KeyError::Status(500)));
    assert!(bench.has("a"));
    assert_eq!(bench.keyring.refresh_now().await, Ok(()));
    assert!(bench.has("b"));
}

#[tokio::test]
async fn a_demand_during_a_fetch_waits_for_the_next_one() {
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
async fn start_up_makes_three_attempts_after_transient_errors_and_one_after_others() {
    let bench = Bench::new([OUTAGE, OUTAGE, keys(&[("a", 1)])]);
    let keyring = bench.keyring.clone();
    let start = tokio::spawn(async move { keyring.connect().await });
    run_tasks().await;
    for _ in 0..5 {
        advance(&bench.clock, secs(1)).await;
    }
    assert_eq!(start.await.unwrap(), Ok(()));

    let bench = Bench::new([Act::Fail(KeyError::IssuerMismatch)]);
    assert_eq!(bench.keyring.connect().await, Err(KeyError::IssuerMismatch));
    assert_eq!(bench.source.calls(), 1);
}

#[tokio::test]
async fn start_up_fails_with_the_error_of_the_last_attempt() {
    let bench = Bench::new([OUTAGE]);
    let keyring = bench.keyring.clone();
    let start = tokio::spawn(async move { keyring.connect().await });
    run_tasks().await;
    for _ in 0..5 {
        advance(&bench.clock, secs(1)).await;
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
    advance(&clock, DAY).await;
    assert_eq!(source.calls(), 1);
}

#[tokio::test]
async fn dropping_the_last_clone_drops_a_fetch_under_way() {
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
    advance(&bench.clock, secs(3600)).await;
    assert!(is_unavailable(&bench.keyring.find("b").await));
    assert_eq!(bench.source.calls(), 1);
    assert_eq!(bench.keyring.health().next_refresh(), None);
    bench.keyring.shutdown().await;
}

#[tokio::test]
async fn shutdown_ends_the_wait_of_all_requests() {
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
fn the_task_is_started_again_on_the_next_runtime() {
    let bench = runtime().block_on(Bench::warm());
    bench.source.rewrite([keys(&[("b", 2)])]);
    assert!(bench.has("a"), "read without any runtime");
    runtime().block_on(async {
        assert!(bench.has("a"), "this read starts the task anew");
        advance(&bench.clock, secs(540)).await;
        assert!(bench.has("b"));
    });
    runtime().block_on(async {
        bench.source.rewrite([keys(&[("c", 3)])]);
        assert!(is_found(&bench.keyring.find("c").await), "and so does a look-up");
    });
    runtime().block_on(async { assert_eq!(bench.keyring.refresh_now().await, Ok(())) });
}

#[test]
fn a_fetch_that_was_lost_with_its_runtime_is_repeated_on_the_runtime_of_a_waiting_request() {
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
fn without_a_runtime_look_ups_and_demands_fail_and_do_not_panic() {
    let bench = Bench::new([keys(&[("a", 1)])]);
    assert!(bench.keyring.current().keys().is_none());
    bench.keyring.start();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut lookup = pin!(bench.keyring.find("a"));
    assert!(matches!(
        lookup.as_mut().poll(&mut context),
        Poll::Ready(Lookup::Failed(LookupFailure::Unavailable { .. }))
    ));
    let mut demand = pin!(bench.keyring.refresh_now());
    assert!(matches!(demand.as_mut().poll(&mut context), Poll::Ready(Err(KeyError::Stopped))));
}

#[tokio::test]
async fn static_keys_never_change_and_never_expire() {
    let set =
        crate::jwks::document::read(key_set(&[("a", 1)]).as_bytes(), &[Algorithm::EdDsa], &Keys::default());
    let clock = manual_clock();
    let keyring = Keyring::fixed(set.unwrap().keys, clock.clone());
    advance(&clock, 100 * DAY).await;
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
async fn health_has_the_age_of_the_keys_and_the_last_error() {
    let bench = Bench::new([keys(&[("a", 1)])]);
    let health = bench.keyring.health();
    assert_eq!((health.key_count(), health.age(), health.is_usable()), (0, None, false));
    bench.keyring.refresh_now().await.unwrap();
    bench.source.rewrite([OUTAGE]);
    advance(&bench.clock, secs(540)).await;
    let health = bench.keyring.health();
    assert_eq!((health.key_count(), health.age(), health.is_usable()), (1, Some(secs(540)), true));
    assert_eq!(health.last_error(), Some(&KeyError::TimedOut));
    assert!(health.next_refresh().is_some_and(|next| next <= secs(2)));
}

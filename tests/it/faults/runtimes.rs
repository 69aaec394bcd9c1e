//! The background task that refreshes keys: it belongs to a runtime, and ends with the last validator or at shutdown.

use std::sync::OnceLock;

use kinde_perms::{KeyError, Validator};
use kinde_perms_testkit::{Endpoint, Issuer, ManualClock};
use tokio::runtime::{Builder, Runtime};

use super::{Bench, naming, polled_once, secs, status, until};

#[tokio::test]
async fn the_task_ends_with_the_last_validator() {
    let Bench { clock, issuer, validator, app } = Bench::warm().await;
    until("the task rests", || clock.pending_sleeps().len() == 1).await;
    drop(app);
    let last = validator.clone();
    drop(validator);
    tokio::task::yield_now().await;
    assert_eq!(clock.pending_sleeps().len(), 1, "one validator is left");
    drop(last);
    until("the task is gone", || clock.pending_sleeps().is_empty()).await;
    clock.advance(secs(3600));
    tokio::task::yield_now().await;
    assert_eq!(issuer.requests(Endpoint::Keys), 1);
}

#[tokio::test]
async fn shutdown_ends_the_task_and_leaves_the_keys() {
    let bench = Bench::warm().await;
    bench.validator.shutdown().await;
    until("the task is gone", || bench.clock.pending_sleeps().is_empty()).await;
    bench.clock.advance(secs(3600));
    bench.serves(&bench.token());
    assert_eq!(status(&bench.app, &naming(&bench.token(), "unknown")).await, 503);
    assert_eq!(bench.validator.refresh_now().await, Err(KeyError::Stopped));
    assert_eq!(bench.validator.health().next_refresh(), None);
    assert_eq!(bench.fetches(), 1);
    bench.validator.shutdown().await;
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A validator shared by tests: each `#[tokio::test]` has its own runtime, and the task ends with that runtime.
static SHARED: OnceLock<Validator> = OnceLock::new();

#[test]
fn a_static_validator_outlives_the_runtime_it_was_made_on() {
    let issuers = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let clock = ManualClock::new();
    let issuer = issuers.block_on(Issuer::builder().clock(clock.clone()).start()).unwrap();
    let first = runtime();
    let validator = SHARED.get_or_init(|| first.block_on(issuer.validator()).unwrap());
    drop(first);
    assert!(clock.pending_sleeps().is_empty(), "the task went with its runtime");

    runtime().block_on(async {
        clock.advance(secs(9 * 60));
        assert!(matches!(polled_once(validator.verify(&issuer.token().sign())), Some(Ok(_))));
        until("the keys are fetched by a new task", || {
            validator.health().age().is_some_and(|age| age < secs(60))
        })
        .await;
    });
    runtime().block_on(async {
        issuer.rotate();
        assert!(validator.verify(&issuer.token().sign()).await.is_ok(), "and by one more");
    });
    assert_eq!(issuer.requests(Endpoint::Keys), 3);
}

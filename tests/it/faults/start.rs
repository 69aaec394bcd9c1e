//! Start-up while the issuer fails: `connect` retries and returns an error, `connect_lazily` serves 503 until it recovers.

use kinde_perms::{KeyError, Validator, config::ConfigErrorKind};
use kinde_perms_testkit::{Endpoint, Fault, Issuer, ManualClock};

use super::{app, ask, secs, status, until, within};

async fn failing(endpoint: Endpoint, fault: Fault) -> (ManualClock, Issuer) {
    let clock = ManualClock::new();
    let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
    issuer.set_fault(endpoint, fault);
    (clock, issuer)
}

/// Starts a validator and advances the clock over the pauses between its attempts.
async fn connect(clock: &ManualClock, issuer: &Issuer) -> Result<Validator, ConfigErrorKind> {
    let start = tokio::spawn(issuer.validator_builder().connect());
    let passing = async {
        while !start.is_finished() {
            // The time limit of a fetch is a sleep too; only pauses are as short as this.
            if clock.pending_sleeps().first().is_some_and(|next| *next <= secs(4)) {
                clock.advance_to_next_sleep();
            }
            tokio::task::yield_now().await;
        }
    };
    within("start-up ends", passing).await;
    start.await.unwrap().map_err(|error| error.kind().clone())
}

#[tokio::test]
async fn an_outage_ends_start_up_with_its_reason_after_a_few_attempts() {
    for endpoint in [Endpoint::Discovery, Endpoint::Keys] {
        for (fault, expected) in
            [(Fault::Status(500), KeyError::Status(500)), (Fault::Status(429), KeyError::Status(429))]
        {
            let (clock, issuer) = failing(endpoint, fault).await;
            let error = connect(&clock, &issuer).await.unwrap_err();
            assert_eq!(error, ConfigErrorKind::Keys(expected), "{endpoint:?}");
            assert!((3..=5).contains(&issuer.requests(endpoint)), "{}", issuer.requests(endpoint));
        }
    }
    let (clock, issuer) = failing(Endpoint::Discovery, Fault::Drop).await;
    let error = connect(&clock, &issuer).await.unwrap_err();
    assert!(matches!(error, ConfigErrorKind::Keys(KeyError::Connection(_))), "{error:?}");
}

#[tokio::test]
async fn start_up_survives_a_short_outage() {
    let (clock, issuer) = failing(Endpoint::Keys, Fault::Status(503)).await;
    let start = tokio::spawn(issuer.validator_builder().connect());
    issuer.wait_for_requests(Endpoint::Keys, 1).await;
    issuer.set_fault(Endpoint::Keys, Fault::None);
    until("start-up rests", || clock.pending_sleeps().iter().any(|sleep| *sleep <= secs(1))).await;
    clock.advance(secs(1));
    let validator = within("start-up succeeds", start).await.unwrap().unwrap();
    assert_eq!(status(&app(&validator), &issuer.token().sign()).await, 200);
}

#[tokio::test]
async fn start_up_does_not_retry_permanent_errors() {
    let (clock, issuer) = failing(Endpoint::Keys, Fault::Redirect("https://evil.example/".into())).await;
    assert_eq!(connect(&clock, &issuer).await.unwrap_err(), ConfigErrorKind::Keys(KeyError::Redirected));
    assert_eq!(issuer.requests(Endpoint::Keys), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn start_up_fetches_once_whichever_thread_is_first() {
    for _ in 0..20 {
        let issuer = Issuer::start().await.unwrap();
        issuer.validator().await.unwrap();
        assert_eq!((issuer.requests(Endpoint::Discovery), issuer.requests(Endpoint::Keys)), (1, 1));
    }
}

#[tokio::test]
async fn a_lazy_start_answers_503_and_heals_by_itself() {
    let (clock, issuer) = failing(Endpoint::Discovery, Fault::Status(500)).await;
    let validator = issuer.validator_builder().connect_lazily().unwrap();
    let (app, token) = (app(&validator), issuer.token().sign());
    let refused = ask(&app, &token).await;
    assert_eq!(refused.status.as_u16(), 503);
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(refused.json()["code"], "keys_unavailable");
    assert_eq!(status(&app, "garbage").await, 401, "a malformed token is refused without keys");
    assert!(!validator.health().is_usable());

    issuer.set_fault(Endpoint::Discovery, Fault::None);
    until("the task rests", || clock.pending_sleeps().iter().any(|sleep| *sleep <= secs(60))).await;
    clock.advance(secs(60));
    until("the keys are there", || validator.health().is_usable()).await;
    assert_eq!(status(&app, &token).await, 200);
}

#[tokio::test]
async fn the_first_requests_of_a_lazy_start_share_one_fetch() {
    let (_clock, issuer) = failing(Endpoint::Keys, Fault::Hang).await;
    let validator = issuer.validator_builder().connect_lazily().unwrap();
    let token = issuer.token().sign();
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let (app, token) = (app(&validator), token.clone());
            tokio::spawn(async move { status(&app, &token).await })
        })
        .collect();
    issuer.wait_for_requests(Endpoint::Keys, 1).await;
    issuer.set_fault(Endpoint::Keys, Fault::None);
    for request in requests {
        assert_eq!(within("the request is answered", request).await.unwrap(), 200);
    }
    assert_eq!(issuer.requests(Endpoint::Keys), 1);
}

//! The issuer stops after warm-up: cached keys serve until `max_stale`, then requests get 503 until the issuer is back.

use kinde_perms_testkit::Issuer;

use super::{Bench, DAY, ask, naming, secs, status, until};

#[tokio::test]
async fn known_keys_serve_for_a_day_of_outage_then_503_then_recovery() {
    let Bench { clock, issuer, validator, app } = Bench::warm().await;
    let good = issuer.token().expires_in(7 * DAY).sign();
    let (unknown, forged) = (naming(&good, "unknown"), naming(&good, "x").replace('.', ".."));
    let address = issuer.url().trim_start_matches("http://").parse().unwrap();
    drop(issuer);

    let step = secs(15 * 60);
    let mut passed = secs(0);
    while passed + step < DAY {
        clock.advance(step);
        passed += step;
        assert_eq!(status(&app, &good).await, 200, "after {passed:?}");
        assert_eq!(status(&app, &forged).await, 401, "after {passed:?}");
        assert_eq!(status(&app, "garbage").await, 401, "after {passed:?}");
        let refused = ask(&app, &unknown).await;
        assert_eq!(refused.status.as_u16(), 503, "after {passed:?}");
        assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
        let health = validator.health();
        assert!(health.is_usable() && health.last_error().is_some() && health.age() == Some(passed));
    }

    clock.advance(2 * step);
    assert!(!validator.health().is_usable());
    let refused = ask(&app, &good).await;
    assert_eq!(refused.status.as_u16(), 503, "keys older than `max_stale` verify nothing");
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(refused.header("www-authenticate"), "");
    assert_eq!(status(&app, "garbage").await, 401);

    let issuer = Issuer::builder().address(address).clock(clock.clone()).start().await.unwrap();
    until("the task rests", || clock.pending_sleeps().iter().any(|sleep| *sleep <= secs(60))).await;
    clock.advance(secs(60));
    until("the keys are back", || validator.health().is_usable()).await;
    assert_eq!(status(&app, &good).await, 200);
    assert_eq!(status(&app, &issuer.token().sign()).await, 200);
}

#[tokio::test]
async fn a_shorter_limit_is_kept() {
    let clock = kinde_perms_testkit::ManualClock::new();
    let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
    let validator = issuer.validator_builder().max_stale(secs(3600)).connect().await.unwrap();
    let (app, good) = (super::app(&validator), issuer.token().expires_in(7 * DAY).sign());
    drop(issuer);
    clock.advance(secs(3600));
    assert_eq!(status(&app, &good).await, 200);
    clock.advance(secs(1));
    assert_eq!(status(&app, &good).await, 503);
}

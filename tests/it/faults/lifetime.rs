//! The lifetime of a key set: `Cache-Control` sets the time of the next refresh, within bounds.

use std::time::Duration;

use kinde_perms_testkit::{Endpoint, Issuer, ManualClock};

use super::{DAY, secs, until};

async fn next_refresh(cache_control: &str) -> Duration {
    let clock = ManualClock::new();
    let issuer = Issuer::builder().clock(clock).start().await.unwrap();
    issuer.set_cache_control(cache_control);
    issuer.validator().await.unwrap().health().next_refresh().unwrap()
}

#[tokio::test]
async fn extremes_are_clamped_to_five_minutes_and_a_day() {
    let minute = secs(60);
    for (cache_control, lifetime) in [
        ("", 10 * minute),
        ("public", 10 * minute),
        ("max-age=0", 5 * minute),
        ("no-store", 5 * minute),
        ("no-cache, max-age=86400", 5 * minute),
        ("max-age=-1", 5 * minute),
        ("max-age=ten", 5 * minute),
        ("max-age=300", 5 * minute),
        ("max-age=3600", 60 * minute),
        ("max-age=86400", DAY),
        ("max-age=31536000, immutable", DAY),
        ("max-age=99999999999999999999999999", DAY),
    ] {
        let next = next_refresh(cache_control).await;
        assert!((lifetime * 7 / 10..=lifetime * 9 / 10).contains(&next), "{cache_control}: {next:?}");
    }
}

#[tokio::test]
async fn keys_are_refreshed_ahead_of_time_and_without_a_request() {
    let clock = ManualClock::new();
    let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
    let validator = issuer.validator().await.unwrap();
    for fetches in 2..5 {
        let due = validator.health().next_refresh().unwrap();
        until("the task rests", || clock.pending_sleeps().contains(&due)).await;
        clock.advance(due);
        issuer.wait_for_requests(Endpoint::Keys, fetches).await;
        until("the set is taken in", || validator.health().age() == Some(Duration::ZERO)).await;
    }
    assert_eq!(issuer.requests(Endpoint::Keys), 4);
}

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::super::ManualClock;
use kinde_perms::time::Sleep;

const SECOND: Duration = Duration::from_secs(1);

fn is_over(sleep: &mut Sleep) -> bool {
    sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn advancing_moves_both_clocks_and_every_clone() {
    let clock = ManualClock::new();
    let (wall, monotonic) = (clock.unix_time(), clock.monotonic());
    clock.clone().advance(SECOND);
    assert_eq!((clock.unix_time(), clock.monotonic()), (wall + SECOND, monotonic + SECOND));
}

#[test]
fn correcting_the_wall_clock_leaves_the_monotonic_one_alone() {
    let clock = ManualClock::at(SECOND * 100);
    clock.step_wall_back(SECOND * 10);
    assert_eq!(clock.unix_time(), SECOND * 90);
    clock.step_wall_back(SECOND * 1000);
    assert_eq!(clock.unix_time(), Duration::ZERO);
    clock.set_unix_time(SECOND * 5);
    assert_eq!((clock.unix_time(), clock.monotonic()), (SECOND * 5, Duration::ZERO));
}

#[test]
fn a_sleep_ends_when_its_time_has_come_and_not_before() {
    let clock = ManualClock::new();
    let mut sleep = clock.sleep(SECOND * 2);
    clock.advance(SECOND);
    assert!(!is_over(&mut sleep));
    assert_eq!(clock.pending_sleeps(), [SECOND]);
    clock.advance(SECOND);
    assert!(is_over(&mut sleep));
    assert!(clock.pending_sleeps().is_empty());
}

#[test]
fn a_sleep_of_zero_is_over_at_once() {
    assert!(is_over(&mut ManualClock::new().sleep(Duration::ZERO)));
}

#[test]
fn pending_sleeps_are_sorted_and_forget_the_dropped_ones() {
    let clock = ManualClock::new();
    let (long, short, dropped) = (clock.sleep(SECOND * 3), clock.sleep(SECOND * 2), clock.sleep(SECOND));
    drop(dropped);
    assert_eq!(clock.pending_sleeps(), [SECOND * 2, SECOND * 3]);
    assert_eq!(clock.advance_to_next_sleep(), Some(SECOND * 2));
    assert_eq!(clock.pending_sleeps(), [SECOND]);
    drop((long, short));
    assert_eq!(clock.advance_to_next_sleep(), None);
}

#[test]
fn a_sleep_outlives_its_clock() {
    let mut sleep = ManualClock::new().sleep(SECOND);
    assert!(!is_over(&mut sleep));
}

#[test]
fn waiting_for_sleeps_counts_those_that_began_before() {
    let clock = ManualClock::new();
    let _one = clock.sleep(SECOND);
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(pin!(clock.wait_for_sleep()).poll(&mut context), Poll::Ready(()));
    let mut two = pin!(clock.wait_for_sleeps(2));
    assert_eq!(two.as_mut().poll(&mut context), Poll::Pending);
    let _two = clock.sleep(SECOND);
    assert_eq!(two.poll(&mut context), Poll::Ready(()));
}

#[tokio::test]
async fn a_background_task_is_driven_without_waiting() {
    let clock = ManualClock::new();
    let (sender, mut ticks) = tokio::sync::mpsc::unbounded_channel();
    let ticking = clock.clone();
    tokio::spawn(async move {
        while sender.send(ticking.monotonic()).is_ok() {
            ticking.sleep(SECOND * 60).await;
        }
    });
    for minute in 0..3 {
        assert_eq!(ticks.recv().await, Some(SECOND * 60 * minute));
        clock.wait_for_sleep().await;
        clock.advance(SECOND * 60);
    }
}

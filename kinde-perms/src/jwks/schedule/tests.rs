#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

use proptest::prelude::*;

use super::*;

const MIDDLE: Jitter = Jitter(500);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A schedule whose first fetch succeeded at `now`.
fn warm(now: Duration) -> Schedule {
    let mut schedule = Schedule::new(DAY);
    assert_eq!(schedule.begin(now), Some(FetchCause::Refresh));
    schedule.succeeded(now, None, MIDDLE);
    schedule
}

/// Runs the fetch that must be due or requested, and lets it fail or succeed.
fn run(schedule: &mut Schedule, now: Duration, expected: FetchCause, success: bool) {
    assert_eq!(schedule.begin(now), Some(expected));
    if success { schedule.succeeded(now, None, MIDDLE) } else { schedule.failed(now, MIDDLE) }
}

fn is_unavailable(answer: LookupFailure) -> bool {
    matches!(answer, LookupFailure::Unavailable { .. })
}

#[test]
fn the_first_fetch_is_due_at_once_and_only_one_runs() {
    let mut schedule = Schedule::new(DAY);
    assert_eq!(schedule.begin(secs(5)), Some(FetchCause::Refresh));
    assert_eq!(schedule.begin(secs(5)), None);
    assert!(is_unavailable(schedule.failure_at_once(secs(5))));
}

#[test]
fn the_lifetime_is_clamped_and_the_refresh_is_due_ahead_of_its_end() {
    let due = |max_age: Option<u64>, jitter: u32, max_stale: Duration| {
        let mut schedule = Schedule::new(max_stale);
        schedule.begin(secs(0));
        schedule.succeeded(secs(0), max_age.map(secs), Jitter(jitter));
        schedule.until_due(secs(0))
    };
    assert_eq!(due(None, 500, DAY), secs(480), "80 % of 10 min");
    assert_eq!(due(None, 0, DAY), secs(420));
    assert_eq!(due(None, 1000, DAY), secs(540));
    assert_eq!(due(Some(0), 500, DAY), secs(240), "80 % of 5 min");
    assert_eq!(due(Some(3600), 500, DAY), secs(2880));
    assert_eq!(due(Some(u64::MAX), 500, DAY), secs(69_120), "80 % of 24 h");
    assert_eq!(due(Some(3600), 500, secs(100)), secs(80), "never longer than the set may be used");
    assert_eq!(due(None, 500, secs(0)), secs(48), "a set is kept for a minute at least");
}

#[test]
fn failures_back_off_between_one_second_and_one_minute() {
    let waits = |jitter: u32| {
        let mut schedule = Schedule::new(DAY);
        let mut now = Duration::ZERO;
        let wait = |_| {
            assert_eq!(schedule.begin(now), Some(FetchCause::Refresh));
            schedule.failed(now, Jitter(jitter));
            let wait = schedule.until_due(now);
            now += wait;
            wait.as_secs()
        };
        (0..8).map(wait).collect::<Vec<_>>()
    };
    assert_eq!(waits(0), [1, 2, 4, 8, 16, 30, 30, 30]);
    assert_eq!(waits(1000), [2, 4, 8, 16, 32, 60, 60, 60]);
}

#[test]
fn a_success_ends_the_back_off() {
    let mut schedule = Schedule::new(DAY);
    run(&mut schedule, secs(0), FetchCause::Refresh, false);
    run(&mut schedule, secs(60), FetchCause::Refresh, false);
    run(&mut schedule, secs(120), FetchCause::Refresh, true);
    run(&mut schedule, secs(600), FetchCause::Refresh, false);
    assert_eq!(schedule.until_due(secs(600)), Duration::from_millis(1500));
}

#[test]
fn an_unknown_kid_causes_one_fetch_and_is_then_known_to_be_absent() {
    let mut schedule = warm(secs(0));
    assert_eq!(schedule.unknown_kid("x", secs(10)), UnknownKid::Wait(2));
    assert_eq!(schedule.unknown_kid("y", secs(10)), UnknownKid::Wait(2), "the same fetch serves both");
    assert_eq!(schedule.begin(secs(10)), Some(FetchCause::UnknownKid));
    assert_eq!(
        schedule.unknown_kid("z", secs(10)),
        UnknownKid::Wait(2),
        "and requests that come while it runs"
    );
    schedule.succeeded(secs(11), None, MIDDLE);
    assert_eq!(schedule.failure_after_fetch("x", secs(11)), LookupFailure::UnknownKey);
    assert_eq!(schedule.unknown_kid("x", secs(41)), UnknownKid::Fail(LookupFailure::UnknownKey));
    assert_eq!(
        schedule.unknown_kid("x", secs(42)),
        UnknownKid::Wait(3),
        "after 30 s the issuer is asked again"
    );
}

#[test]
fn a_flood_of_unknown_kids_causes_two_fetches_in_30_s_from_a_healthy_issuer() {
    let mut schedule = warm(secs(0));
    for (kid, now) in [("a", 10), ("b", 20)] {
        assert!(matches!(schedule.unknown_kid(kid, secs(now)), UnknownKid::Wait(_)));
        run(&mut schedule, secs(now), FetchCause::UnknownKid, true);
    }
    assert_eq!(schedule.unknown_kid("c", secs(39)), UnknownKid::Fail(LookupFailure::UnknownKey));
    assert!(matches!(schedule.unknown_kid("c", secs(40)), UnknownKid::Wait(_)));
}

#[test]
fn failed_fetches_count_and_an_outage_does_not_make_a_key_unknown() {
    let mut schedule = warm(secs(0));
    for (kid, now) in [("a", 100), ("b", 101)] {
        assert!(matches!(schedule.unknown_kid(kid, secs(now)), UnknownKid::Wait(_)));
        run(&mut schedule, secs(now), FetchCause::UnknownKid, false);
        assert!(is_unavailable(schedule.failure_after_fetch(kid, secs(now))));
    }
    let answer = LookupFailure::Unavailable { retry_after: secs(3) };
    assert_eq!(
        schedule.unknown_kid("c", secs(101)),
        UnknownKid::Fail(answer),
        "second back-off: 2 s and a half of it"
    );
    run(&mut schedule, secs(110), FetchCause::Refresh, false);
    assert!(matches!(
        schedule.unknown_kid("a", secs(110)),
        UnknownKid::Fail(LookupFailure::Unavailable { .. })
    ));
}

#[test]
fn a_key_set_proves_absence_for_30_s_unless_the_next_fetch_fails() {
    let mut schedule = warm(secs(0));
    assert_eq!(schedule.failure_at_once(secs(30)), LookupFailure::UnknownKey);
    assert!(is_unavailable(schedule.failure_at_once(secs(31))));
    assert!(matches!(schedule.unknown_kid("a", secs(5)), UnknownKid::Wait(_)));
    run(&mut schedule, secs(5), FetchCause::UnknownKid, false);
    assert!(is_unavailable(schedule.failure_after_fetch("a", secs(5))), "there may be a new key");
}

#[test]
fn bad_signatures_cause_one_fetch_in_5_min_at_most() {
    let mut schedule = warm(secs(0));
    assert_eq!(schedule.bad_signature(secs(10)), Some(2));
    assert_eq!(schedule.bad_signature(secs(10)), Some(2));
    run(&mut schedule, secs(10), FetchCause::BadSignature, true);
    assert_eq!(schedule.bad_signature(secs(11)), None);
    assert_eq!(schedule.bad_signature(secs(309)), None);
    assert_eq!(schedule.bad_signature(secs(310)), Some(3));
}

#[test]
fn bad_signatures_share_the_budget_of_unknown_kids() {
    let mut schedule = warm(secs(0));
    for now in [10, 11] {
        assert!(matches!(schedule.unknown_kid(&now.to_string(), secs(now)), UnknownKid::Wait(_)));
        run(&mut schedule, secs(now), FetchCause::UnknownKid, true);
    }
    assert_eq!(schedule.bad_signature(secs(12)), None, "the set is a second old");
    assert!(schedule.bad_signature(secs(40)).is_some());
}

#[test]
fn waiting_for_a_fetch_that_comes_anyway_does_not_spend_the_budget() {
    let mut schedule = Schedule::new(DAY);
    assert_eq!(schedule.unknown_kid("a", secs(0)), UnknownKid::Wait(1));
    assert_eq!(schedule.bad_signature(secs(0)), Some(1));
    run(&mut schedule, secs(0), FetchCause::Refresh, true);
    for (kid, number) in [("b", 2), ("c", 3)] {
        assert_eq!(schedule.unknown_kid(kid, secs(1)), UnknownKid::Wait(number));
        run(&mut schedule, secs(1), FetchCause::UnknownKid, true);
    }
}

#[test]
fn a_demand_waits_for_a_fetch_that_begins_after_it() {
    let mut schedule = warm(secs(0));
    assert_eq!(schedule.unknown_kid("a", secs(1)), UnknownKid::Wait(2));
    assert_eq!(schedule.begin(secs(1)), Some(FetchCause::UnknownKid));
    assert_eq!((schedule.demand(), schedule.demand()), (3, 3));
    schedule.succeeded(secs(2), None, MIDDLE);
    assert_eq!(schedule.ended(), 2);
    run(&mut schedule, secs(2), FetchCause::Demand, true);
    assert_eq!(schedule.ended(), 3);
    assert_eq!(schedule.begin(secs(2)), None);
}

#[test]
fn an_aborted_fetch_is_repeated_under_its_number() {
    let mut schedule = warm(secs(0));
    assert_eq!(schedule.unknown_kid("a", secs(1)), UnknownKid::Wait(2));
    assert_eq!(schedule.begin(secs(1)), Some(FetchCause::UnknownKid));
    schedule.aborted(secs(2));
    assert_eq!(schedule.ended(), 1);
    assert_eq!(schedule.unknown_kid("a", secs(2)), UnknownKid::Wait(2));
    run(&mut schedule, secs(2), FetchCause::Refresh, true);
    assert_eq!(schedule.ended(), 2);
    schedule.aborted(secs(3));
    assert_eq!(schedule.begin(secs(3)), None, "nothing was under way");
}

#[test]
fn the_last_good_set_is_usable_until_max_stale() {
    let mut schedule = warm(secs(100));
    assert_eq!(schedule.usable_until(), Some(secs(100) + DAY));
    run(&mut schedule, secs(600), FetchCause::Refresh, false);
    assert_eq!(schedule.usable_until(), Some(secs(100) + DAY), "a failure changes nothing");
    assert_eq!(Schedule::new(DAY).usable_until(), None);
}

#[derive(Clone, Debug)]
enum Event {
    Pass(Duration),
    UnknownKid(u8),
    BadSignature,
    Begin,
    Succeed(Option<u64>, u32),
    Fail(u32),
    Abort,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (0_u64..20_000).prop_map(|millis| Event::Pass(Duration::from_millis(millis))),
        1 => (0_u64..100_000).prop_map(|seconds| Event::Pass(secs(seconds))),
        4 => any::<u8>().prop_map(Event::UnknownKid),
        2 => Just(Event::BadSignature),
        4 => Just(Event::Begin),
        2 => (proptest::option::of(0_u64..200_000), 0_u32..=1000).prop_map(|(age, jitter)| Event::Succeed(age, jitter)),
        3 => (0_u32..=1000).prop_map(Event::Fail),
        1 => Just(Event::Abort),
    ]
}

/// Applies events, and checks the guarantees of the module's documentation after each.
#[derive(Debug)]
struct Observer {
    schedule: Schedule,
    now: Duration,
    running: bool,
    begun: Vec<(Duration, FetchCause)>,
    last_success: Option<Duration>,
    failures: u32,
    /// The earliest time at which the schedule may refresh.
    refresh_from: Duration,
}

impl Observer {
    fn new() -> Self {
        Self {
            schedule: Schedule::new(DAY),
            now: secs(1),
            running: false,
            begun: Vec::new(),
            last_success: None,
            failures: 0,
            refresh_from: Duration::ZERO,
        }
    }

    fn after(events: &[Event]) -> Self {
        let mut observer = Self::new();
        for event in events {
            observer.apply(event);
        }
        observer
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Pass(time) => self.now += *time,
            Event::UnknownKid(kid) => _ = self.schedule.unknown_kid(&kid.to_string(), self.now),
            Event::BadSignature => _ = self.schedule.bad_signature(self.now),
            Event::Begin => self.begin(),
            Event::Succeed(..) | Event::Fail(_) | Event::Abort if !self.running => {}
            Event::Succeed(max_age, jitter) => self.succeed(max_age.map(secs), *jitter),
            Event::Fail(jitter) => self.fail(*jitter),
            Event::Abort => self.abort(),
        }
        assert_eq!(self.schedule.usable_until(), self.last_success.map(|at| at + DAY), "no set is lost");
    }

    fn begin(&mut self) {
        let Some(cause) = self.schedule.begin(self.now) else { return };
        assert!(!self.running, "two fetches at once");
        assert!(cause != FetchCause::Refresh || self.now >= self.refresh_from, "a refresh too early");
        self.running = true;
        self.begun.push((self.now, cause));
        let within = |window: Duration, wanted: &[FetchCause]| {
            let since = |at: Duration| self.now.saturating_sub(at) < window;
            self.begun.iter().filter(|(at, cause)| since(*at) && wanted.contains(cause)).count()
        };
        assert!(within(secs(30), &[FetchCause::UnknownKid, FetchCause::BadSignature]) <= 2, "budget");
        assert!(within(secs(300), &[FetchCause::BadSignature]) <= 1, "budget of signatures");
    }

    fn succeed(&mut self, max_age: Option<Duration>, jitter: u32) {
        self.schedule.succeeded(self.now, max_age, Jitter(jitter));
        let ttl = max_age.unwrap_or(secs(600)).clamp(secs(300), DAY);
        (self.running, self.failures, self.last_success) = (false, 0, Some(self.now));
        self.refresh_from = self.now + ttl * 7 / 10;
        assert!(self.schedule.until_due(self.now) <= ttl * 9 / 10);
    }

    fn fail(&mut self, jitter: u32) {
        self.schedule.failed(self.now, Jitter(jitter));
        self.running = false;
        self.refresh_from = self.now + secs(2_u64.saturating_pow(self.failures).min(30));
        self.failures += 1;
        assert!(self.schedule.until_due(self.now) <= secs(60));
    }

    fn abort(&mut self) {
        self.schedule.aborted(self.now);
        (self.running, self.refresh_from) = (false, self.now);
    }
}

proptest! {
    #[test]
    fn the_guarantees_hold_for_any_order_of_events(events in proptest::collection::vec(event(), 0..200)) {
        Observer::after(&events);
    }

    #[test]
    fn the_keys_are_always_fetched_again_after_an_outage(events in proptest::collection::vec(event(), 0..100), jitter in 0_u32..=1000) {
        let mut observer = Observer::after(&events);
        if observer.running {
            observer.apply(&Event::Fail(jitter));
        }
        observer.apply(&Event::Pass(observer.schedule.until_due(observer.now)));
        observer.apply(&Event::Begin);
        prop_assert!(observer.running, "the next fetch begins when it is due");
        observer.apply(&Event::Succeed(None, jitter));
        prop_assert_eq!(observer.schedule.failure_at_once(observer.now), LookupFailure::UnknownKey);
    }

    #[test]
    fn a_flood_of_unknown_kids_keeps_the_budget(gaps in proptest::collection::vec(0_u64..2_000, 500), healthy in any::<bool>()) {
        let mut observer = Observer::new();
        for (number, gap) in gaps.into_iter().enumerate() {
            observer.apply(&Event::Pass(Duration::from_millis(gap)));
            let _ = observer.schedule.unknown_kid(&number.to_string(), observer.now);
            observer.apply(&Event::Begin);
            observer.apply(&if healthy { Event::Succeed(None, 500) } else { Event::Fail(500) });
        }
    }
}

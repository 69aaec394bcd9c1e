#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const NONE: [Option<CircuitChange>; 2] = [None, None];
const FAILED: CallOutcome = CallOutcome::Failed(None);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn digest(kind: &str, number: usize) -> Digest {
    Digest::of(format!("{kind} {number}").as_bytes())
}

fn caller(organization: usize, token: usize) -> CallerId {
    let (token, user) = (digest("token", token), digest("user", token));
    CallerId { token, user, organization: digest("organization", organization) }
}

/// Runs a call, which must be admitted.
fn run(
    breaker: &mut Breaker,
    caller: CallerId,
    outcome: CallOutcome,
    now: Duration,
) -> [Option<CircuitChange>; 2] {
    let Ok(permit) = breaker.admit(caller, now) else { panic!("not admitted at {now:?}") };
    breaker.record(&permit, outcome, now)
}

/// A breaker whose global circuit was opened by a rate limit.
fn limited(announced: Option<Duration>) -> Breaker {
    let mut breaker = Breaker::default();
    let opened = run(&mut breaker, caller(0, 0), CallOutcome::RateLimited(announced), secs(0));
    let wait = announced.unwrap_or(FIRST_WAIT).clamp(MIN_WAIT, MAX_WAIT);
    assert_eq!(opened, [Some(CircuitChange::Opened(CircuitScope::Global, wait)), None]);
    breaker
}

fn is_refused(breaker: &mut Breaker, caller: CallerId, now: Duration) -> Option<Duration> {
    breaker.admit(caller, now).err()
}

#[test]
fn a_rate_limit_opens_the_global_circuit_for_the_announced_wait() {
    let mut breaker = limited(Some(secs(7)));
    assert_eq!(is_refused(&mut breaker, caller(1, 1), secs(0)), Some(secs(7)));
    assert_eq!(is_refused(&mut breaker, caller(1, 1), secs(6)), Some(secs(1)));
    let closed = run(&mut breaker, caller(1, 1), CallOutcome::Answered, secs(7));
    assert_eq!(closed, [Some(CircuitChange::Closed(CircuitScope::Global)), None]);
    assert_eq!(run(&mut breaker, caller(0, 0), CallOutcome::Answered, secs(7)), NONE);
}

#[test]
fn announced_waits_are_clamped() {
    for (announced, wait) in [(Duration::ZERO, MIN_WAIT), (Duration::MAX, MAX_WAIT)] {
        let mut breaker = limited(Some(announced));
        assert_eq!(is_refused(&mut breaker, caller(1, 1), secs(0)), Some(wait));
    }
}

#[test]
fn the_wait_doubles_with_each_failed_probe_and_starts_anew_after_an_answer() {
    let (mut breaker, mut now) = (limited(None), secs(5));
    for (probe, wait) in (10..).zip([10, 20, 30, 30, 30].map(secs)) {
        assert_eq!(run(&mut breaker, caller(probe, probe), FAILED, now), NONE, "it was open before");
        assert_eq!(is_refused(&mut breaker, caller(2, 2), now), Some(wait));
        now += wait;
    }
    run(&mut breaker, caller(2, 2), CallOutcome::Answered, now);
    run(&mut breaker, caller(2, 2), CallOutcome::RateLimited(None), now);
    assert_eq!(is_refused(&mut breaker, caller(2, 2), now), Some(secs(5)));
}

#[test]
fn failures_of_calls_that_ran_together_count_as_one_opening() {
    let mut breaker = Breaker::default();
    let permits: Vec<_> =
        (0..8).map(|n| breaker.admit(caller(n, n), secs(0)).unwrap_or_else(|_| panic!("closed"))).collect();
    let ends: Vec<_> = permits
        .iter()
        .map(|permit| breaker.record(permit, CallOutcome::RateLimited(None), secs(0)))
        .collect();
    assert!(ends[0][0].is_some() && ends[1..].iter().all(|end| *end == NONE));
    assert_eq!(is_refused(&mut breaker, caller(0, 0), secs(0)), Some(secs(5)), "not doubled eight times");
    assert_eq!(run(&mut breaker, caller(0, 0), CallOutcome::RateLimited(Some(secs(9))), secs(5)), NONE);
    assert_eq!(is_refused(&mut breaker, caller(0, 0), secs(5)), Some(secs(9)));
}

#[test]
fn an_answer_from_before_the_opening_closes_nothing_and_a_limit_prolongs_the_wait() {
    let mut breaker = Breaker::default();
    let [one, two, three] = [0, 1, 2].map(|n| breaker.admit(caller(n, n), secs(0)));
    let (Ok(one), Ok(two), Ok(three)) = (one, two, three) else { panic!("closed") };
    breaker.record(&one, CallOutcome::RateLimited(Some(secs(5))), secs(0));
    assert_eq!(breaker.record(&two, CallOutcome::Answered, secs(1)), NONE);
    assert_eq!(is_refused(&mut breaker, caller(3, 3), secs(1)), Some(secs(4)));
    assert_eq!(breaker.record(&three, CallOutcome::RateLimited(Some(secs(60))), secs(1)), NONE);
    assert_eq!(is_refused(&mut breaker, caller(3, 3), secs(1)), Some(secs(60)));
}

#[test]
fn an_abandoned_probe_is_replaced_by_the_next_call() {
    let mut breaker = limited(Some(secs(7)));
    let Ok(probe) = breaker.admit(caller(1, 1), secs(7)) else { panic!("not admitted") };
    assert_eq!(is_refused(&mut breaker, caller(2, 2), secs(7)), Some(MIN_WAIT));
    assert_eq!(breaker.record(&probe, CallOutcome::Abandoned, secs(7)), NONE);
    run(&mut breaker, caller(2, 2), CallOutcome::Answered, secs(7));
}

#[test]
fn failures_of_three_users_in_a_row_open_the_circuit_of_their_organization_alone() {
    let mut breaker = Breaker::default();
    for _ in 0..10 {
        assert_eq!(run(&mut breaker, caller(0, 0), FAILED, secs(0)), NONE, "one token");
    }
    assert_eq!(run(&mut breaker, caller(0, 1), FAILED, secs(0)), NONE);
    let opened = run(&mut breaker, caller(0, 2), FAILED, secs(0));
    assert_eq!(opened, [None, Some(CircuitChange::Opened(CircuitScope::Organization, secs(5)))]);
    assert_eq!(is_refused(&mut breaker, caller(0, 3), secs(0)), Some(secs(5)));
    for n in 1..10 {
        assert_eq!(run(&mut breaker, caller(n, 3 + n), CallOutcome::Answered, secs(0)), NONE);
    }
    let closed = run(&mut breaker, caller(0, 3), CallOutcome::Answered, secs(5));
    assert_eq!(closed, [None, Some(CircuitChange::Closed(CircuitScope::Organization))]);
    assert!(breaker.organizations.is_empty());
}

#[test]
fn failures_of_three_organizations_in_a_row_open_the_global_circuit() {
    let mut breaker = Breaker::default();
    run(&mut breaker, caller(0, 0), FAILED, secs(0));
    run(&mut breaker, caller(1, 1), FAILED, secs(0));
    run(&mut breaker, caller(2, 2), CallOutcome::Answered, secs(0));
    for n in 3..5 {
        assert_eq!(run(&mut breaker, caller(n, n), FAILED, secs(0)), NONE);
    }
    let opened = run(&mut breaker, caller(5, 5), CallOutcome::Failed(Some(secs(60))), secs(0));
    assert_eq!(opened, [Some(CircuitChange::Opened(CircuitScope::Global, secs(60))), None]);
}

#[test]
fn a_suspect_probes_after_the_others_and_its_failures_then_open_its_own_circuit_alone() {
    let mut breaker = Breaker::default();
    for n in 0..3 {
        run(&mut breaker, caller(n, n), FAILED, secs(0));
    }
    assert_eq!(is_refused(&mut breaker, caller(9, 9), secs(1)), Some(secs(4)), "another organization waits");
    assert_eq!(is_refused(&mut breaker, caller(0, 0), secs(5)), Some(secs(30)), "so it goes first");
    let closed = run(&mut breaker, caller(9, 9), CallOutcome::Answered, secs(5));
    assert_eq!(closed, [Some(CircuitChange::Closed(CircuitScope::Global)), None]);
    for round in 0..10 {
        for n in 0..3 {
            assert_eq!(run(&mut breaker, caller(n, n), FAILED, secs(6 + round))[0], None);
        }
    }
    let limited = run(&mut breaker, caller(0, 0), CallOutcome::RateLimited(Some(secs(60))), secs(20));
    assert_eq!(limited, [None, Some(CircuitChange::Opened(CircuitScope::Organization, secs(60)))]);
    assert_eq!(run(&mut breaker, caller(9, 9), CallOutcome::Answered, secs(20)), NONE);
}

#[test]
fn a_suspect_without_others_that_wait_probes_without_delay() {
    let mut breaker = limited(Some(secs(7)));
    assert_eq!(is_refused(&mut breaker, caller(0, 1), secs(1)), Some(secs(6)));
    let closed = run(&mut breaker, caller(0, 0), CallOutcome::Answered, secs(7));
    assert_eq!(closed, [Some(CircuitChange::Closed(CircuitScope::Global)), None]);
}

#[test]
fn failures_of_calls_from_before_an_opening_do_not_count() {
    let mut breaker = Breaker::default();
    let old: Vec<_> =
        (0..4).map(|n| breaker.admit(caller(n, n), secs(0)).unwrap_or_else(|_| panic!("closed"))).collect();
    breaker.record(&old[3], CallOutcome::RateLimited(Some(secs(1))), secs(0));
    run(&mut breaker, caller(9, 9), CallOutcome::Answered, secs(1));
    for permit in &old[..3] {
        assert_eq!(breaker.record(permit, FAILED, secs(2))[0], None);
    }
    assert_eq!(is_refused(&mut breaker, caller(8, 8), secs(2)), None);
}

#[test]
fn a_rate_limit_does_not_count_as_a_failure_of_the_organization() {
    let mut breaker = Breaker::default();
    for n in 0..10 {
        run(
            &mut breaker,
            caller(0, n),
            CallOutcome::RateLimited(Some(secs(1))),
            secs(u64::try_from(n).unwrap()),
        );
    }
    assert!(breaker.organizations.is_empty());
}

#[test]
fn the_number_of_circuits_and_members_is_bounded() {
    let mut breaker = Breaker::default();
    for n in 0..3 * MAX_ORGANIZATIONS {
        // An answer in between keeps the global circuit closed.
        run(&mut breaker, caller(usize::MAX, 0), CallOutcome::Answered, secs(0));
        for token in 0..3 {
            let permit = breaker.admit(caller(n, token), secs(0));
            breaker.record(&permit.unwrap_or_else(|_| panic!("{n} is stopped")), FAILED, secs(0));
        }
    }
    assert_eq!(breaker.organizations.len(), MAX_ORGANIZATIONS);
    assert!(breaker.organizations.values().all(|circuit| circuit.failed.len() <= MAX_FAILURES));
}

/// An event of a breaker.
#[derive(Clone, Copy, Debug)]
enum Event {
    Ask { organization: usize, token: usize },
    End { which: usize, outcome: CallOutcome },
    Pass { millis: u64 },
}

fn outcome() -> impl Strategy<Value = CallOutcome> {
    let announced = || prop_oneof![Just(None), (0..400_u64).prop_map(|wait| Some(secs(wait)))];
    prop_oneof![
        3 => Just(CallOutcome::Answered),
        1 => announced().prop_map(CallOutcome::RateLimited),
        4 => announced().prop_map(CallOutcome::Failed),
        1 => Just(CallOutcome::Abandoned),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..6_usize, 0..5_usize)
            .prop_map(|(organization, token)| Event::Ask { organization, token: organization * 5 + token }),
        4 => (any::<usize>(), outcome()).prop_map(|(which, outcome)| Event::End { which, outcome }),
        2 => (0..12_000_u64).prop_map(|millis| Event::Pass { millis }),
    ]
}

/// A breaker, and the state that its guarantees imply.
#[derive(Default)]
struct Witness {
    breaker: Breaker,
    now: Duration,
    under_way: Vec<Permit>,
    /// The end of the last rate limit. No call is admitted before.
    limited_until: Duration,
    /// `true` if the global circuit is open.
    open: bool,
    /// The calls that were admitted since the global circuit opened.
    probes: Vec<u64>,
}

impl Witness {
    fn apply(&mut self, event: Event) {
        match event {
            Event::Ask { organization, token } => self.ask(caller(organization, token)),
            Event::End { which, outcome } if !self.under_way.is_empty() => {
                let permit = self.under_way.swap_remove(which % self.under_way.len());
                self.end(&permit, outcome);
            }
            Event::End { .. } => {}
            Event::Pass { millis } => self.now += Duration::from_millis(millis),
        }
        assert!(self.breaker.organizations.len() <= MAX_ORGANIZATIONS);
        assert!(self.breaker.organizations.values().all(|circuit| !circuit.is_idle()));
    }

    fn ask(&mut self, caller: CallerId) {
        match self.breaker.admit(caller, self.now) {
            Ok(permit) => {
                assert!(self.now >= self.limited_until, "admitted during a rate limit");
                assert!(!self.open || self.probes.is_empty(), "two probes");
                if self.open {
                    self.probes.push(permit.number);
                }
                self.under_way.push(permit);
            }
            Err(wait) => {
                assert!((Duration::from_nanos(1)..=MAX_WAIT + MAX_BACK_OFF).contains(&wait), "{wait:?}");
            }
        }
    }

    fn end(&mut self, permit: &Permit, outcome: CallOutcome) {
        let changes = self.breaker.record(permit, outcome, self.now);
        self.probes.retain(|number| *number != permit.number);
        // A limit of a suspect opens its own circuit alone while the global one is closed.
        if let (CallOutcome::RateLimited(announced), true) =
            (outcome, self.breaker.global.state != CircuitState::Closed)
        {
            let wait = announced.map_or(Duration::ZERO, |wait| wait.clamp(MIN_WAIT, MAX_WAIT));
            self.limited_until = self.limited_until.max(self.now + wait);
            // A probe under way counts no more: the next one follows the new wait.
            self.probes.clear();
        }
        match changes[0] {
            Some(CircuitChange::Opened(scope, _)) => {
                assert!(!self.open && scope == CircuitScope::Global);
                self.open = true;
            }
            Some(CircuitChange::Closed(scope)) => {
                assert!(self.open && scope == CircuitScope::Global && outcome == CallOutcome::Answered);
                self.open = false;
            }
            None => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_guarantees_hold_for_any_order_of_events(events in vec(event(), 0..120)) {
        let mut witness = Witness::default();
        for event in events {
            witness.apply(event);
        }
        // No circuit stays open for ever: without calls under way, the longest wait is the last one.
        for permit in std::mem::take(&mut witness.under_way) {
            witness.end(&permit, CallOutcome::Abandoned);
        }
        witness.now += MAX_WAIT + MAX_BACK_OFF;
        for organization in 0..6 {
            let permit = witness.breaker.admit(caller(organization, organization * 5), witness.now);
            let Ok(permit) = permit else { panic!("{organization} is stopped for ever") };
            witness.breaker.record(&permit, CallOutcome::Answered, witness.now);
        }
        prop_assert!(witness.breaker.organizations.is_empty());
    }

    /// Another organization may call, regardless of the failures of one organization and of other events.
    #[test]
    fn failures_of_one_organization_do_not_stop_another_one(events in vec(event(), 0..120)) {
        let mut witness = Witness::default();
        for event in events {
            match event {
                Event::Ask { token, .. } => witness.ask(caller(0, token)),
                Event::End { outcome: CallOutcome::RateLimited(wait), which } => {
                    witness.apply(Event::End { which, outcome: CallOutcome::Failed(wait) });
                }
                other => witness.apply(other),
            }
            prop_assert_eq!(witness.breaker.wait(&digest("organization", 1), witness.now), None);
        }
    }
}

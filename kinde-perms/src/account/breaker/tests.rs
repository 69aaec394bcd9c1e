#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const NONE: [Option<Change>; 2] = [None, None];
const FAILED: Outcome = Outcome::Failed(None);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn digest(kind: &str, number: usize) -> Digest {
    Digest::of(format!("{kind} {number}").as_bytes())
}

fn asker(organization: usize, token: usize) -> Asker {
    let (token, user) = (digest("token", token), digest("user", token));
    Asker { token, user, organization: digest("organization", organization) }
}

/// Asks and ends; the question must be admitted.
fn run(breaker: &mut Breaker, asker: Asker, outcome: Outcome, now: Duration) -> [Option<Change>; 2] {
    let Ok(permit) = breaker.admit(asker, now) else { panic!("not admitted at {now:?}") };
    breaker.record(&permit, outcome, now)
}

/// Opens the circuit of everybody by a limit.
fn limited(announced: Option<Duration>) -> Breaker {
    let mut breaker = Breaker::default();
    let opened = run(&mut breaker, asker(0, 0), Outcome::Limited(announced), secs(0));
    let wait = announced.unwrap_or(FIRST_WAIT).clamp(MIN_WAIT, MAX_WAIT);
    assert_eq!(opened, [Some(Change::Opened(Scope::Everybody, wait)), None]);
    breaker
}

fn is_refused(breaker: &mut Breaker, asker: Asker, now: Duration) -> Option<Duration> {
    breaker.admit(asker, now).err()
}

#[test]
fn a_limit_stops_everybody_for_the_announced_time() {
    let mut breaker = limited(Some(secs(7)));
    assert_eq!(is_refused(&mut breaker, asker(1, 1), secs(0)), Some(secs(7)));
    assert_eq!(is_refused(&mut breaker, asker(1, 1), secs(6)), Some(secs(1)));
    let closed = run(&mut breaker, asker(1, 1), Outcome::Answered, secs(7));
    assert_eq!(closed, [Some(Change::Closed(Scope::Everybody)), None]);
    assert_eq!(run(&mut breaker, asker(0, 0), Outcome::Answered, secs(7)), NONE);
}

#[test]
fn announced_waits_are_clamped() {
    for (announced, wait) in [(Duration::ZERO, MIN_WAIT), (Duration::MAX, MAX_WAIT)] {
        let mut breaker = limited(Some(announced));
        assert_eq!(is_refused(&mut breaker, asker(1, 1), secs(0)), Some(wait));
    }
}

#[test]
fn the_wait_doubles_while_the_probe_fails_and_starts_anew_after_an_answer() {
    let (mut breaker, mut now) = (limited(None), secs(5));
    for (probe, wait) in (10..).zip([10, 20, 30, 30, 30].map(secs)) {
        assert_eq!(run(&mut breaker, asker(probe, probe), FAILED, now), NONE, "it was open before");
        assert_eq!(is_refused(&mut breaker, asker(2, 2), now), Some(wait));
        now += wait;
    }
    run(&mut breaker, asker(2, 2), Outcome::Answered, now);
    run(&mut breaker, asker(2, 2), Outcome::Limited(None), now);
    assert_eq!(is_refused(&mut breaker, asker(2, 2), now), Some(secs(5)));
}

#[test]
fn questions_that_were_under_way_together_are_one_opening() {
    let mut breaker = Breaker::default();
    let permits: Vec<_> =
        (0..8).map(|n| breaker.admit(asker(n, n), secs(0)).unwrap_or_else(|_| panic!("closed"))).collect();
    let ends: Vec<_> =
        permits.iter().map(|permit| breaker.record(permit, Outcome::Limited(None), secs(0))).collect();
    assert!(ends[0][0].is_some() && ends[1..].iter().all(|end| *end == NONE));
    assert_eq!(is_refused(&mut breaker, asker(0, 0), secs(0)), Some(secs(5)), "not doubled eight times");
    assert_eq!(run(&mut breaker, asker(0, 0), Outcome::Limited(Some(secs(9))), secs(5)), NONE);
    assert_eq!(is_refused(&mut breaker, asker(0, 0), secs(5)), Some(secs(9)));
}

#[test]
fn a_late_answer_closes_nothing_and_a_late_limit_prolongs() {
    let mut breaker = Breaker::default();
    let [one, two, three] = [0, 1, 2].map(|n| breaker.admit(asker(n, n), secs(0)));
    let (Ok(one), Ok(two), Ok(three)) = (one, two, three) else { panic!("closed") };
    breaker.record(&one, Outcome::Limited(Some(secs(5))), secs(0));
    assert_eq!(breaker.record(&two, Outcome::Answered, secs(1)), NONE);
    assert_eq!(is_refused(&mut breaker, asker(3, 3), secs(1)), Some(secs(4)));
    assert_eq!(breaker.record(&three, Outcome::Limited(Some(secs(60))), secs(1)), NONE);
    assert_eq!(is_refused(&mut breaker, asker(3, 3), secs(1)), Some(secs(60)));
}

#[test]
fn a_probe_that_is_given_up_leaves_its_place() {
    let mut breaker = limited(Some(secs(7)));
    let Ok(probe) = breaker.admit(asker(1, 1), secs(7)) else { panic!("not admitted") };
    assert_eq!(is_refused(&mut breaker, asker(2, 2), secs(7)), Some(MIN_WAIT));
    assert_eq!(breaker.record(&probe, Outcome::Abandoned, secs(7)), NONE);
    run(&mut breaker, asker(2, 2), Outcome::Answered, secs(7));
}

#[test]
fn three_tokens_in_a_row_stop_their_organization_alone() {
    let mut breaker = Breaker::default();
    for _ in 0..10 {
        assert_eq!(run(&mut breaker, asker(0, 0), FAILED, secs(0)), NONE, "one token");
    }
    assert_eq!(run(&mut breaker, asker(0, 1), FAILED, secs(0)), NONE);
    let opened = run(&mut breaker, asker(0, 2), FAILED, secs(0));
    assert_eq!(opened, [None, Some(Change::Opened(Scope::Organization, secs(5)))]);
    assert_eq!(is_refused(&mut breaker, asker(0, 3), secs(0)), Some(secs(5)));
    for n in 1..10 {
        assert_eq!(run(&mut breaker, asker(n, 3 + n), Outcome::Answered, secs(0)), NONE);
    }
    let closed = run(&mut breaker, asker(0, 3), Outcome::Answered, secs(5));
    assert_eq!(closed, [None, Some(Change::Closed(Scope::Organization))]);
    assert!(breaker.organizations.is_empty());
}

#[test]
fn three_organizations_in_a_row_stop_everybody() {
    let mut breaker = Breaker::default();
    run(&mut breaker, asker(0, 0), FAILED, secs(0));
    run(&mut breaker, asker(1, 1), FAILED, secs(0));
    run(&mut breaker, asker(2, 2), Outcome::Answered, secs(0));
    for n in 3..5 {
        assert_eq!(run(&mut breaker, asker(n, n), FAILED, secs(0)), NONE);
    }
    let opened = run(&mut breaker, asker(5, 5), Outcome::Failed(Some(secs(60))), secs(0));
    assert_eq!(opened, [Some(Change::Opened(Scope::Everybody, secs(60))), None]);
}

#[test]
fn whoever_stopped_everybody_leaves_the_probe_to_others_and_then_fails_for_itself() {
    let mut breaker = Breaker::default();
    for n in 0..3 {
        run(&mut breaker, asker(n, n), FAILED, secs(0));
    }
    assert_eq!(is_refused(&mut breaker, asker(9, 9), secs(1)), Some(secs(4)), "another waits");
    assert_eq!(is_refused(&mut breaker, asker(0, 0), secs(5)), Some(secs(30)), "so it goes first");
    let closed = run(&mut breaker, asker(9, 9), Outcome::Answered, secs(5));
    assert_eq!(closed, [Some(Change::Closed(Scope::Everybody)), None]);
    for round in 0..10 {
        for n in 0..3 {
            assert_eq!(run(&mut breaker, asker(n, n), FAILED, secs(6 + round))[0], None);
        }
    }
    let limited = run(&mut breaker, asker(0, 0), Outcome::Limited(Some(secs(60))), secs(20));
    assert_eq!(limited, [None, Some(Change::Opened(Scope::Organization, secs(60)))]);
    assert_eq!(run(&mut breaker, asker(9, 9), Outcome::Answered, secs(20)), NONE);
}

#[test]
fn whoever_is_alone_probes_without_a_longer_wait() {
    let mut breaker = limited(Some(secs(7)));
    assert_eq!(is_refused(&mut breaker, asker(0, 1), secs(1)), Some(secs(6)));
    let closed = run(&mut breaker, asker(0, 0), Outcome::Answered, secs(7));
    assert_eq!(closed, [Some(Change::Closed(Scope::Everybody)), None]);
}

#[test]
fn what_was_asked_before_an_opening_counts_no_more() {
    let mut breaker = Breaker::default();
    let old: Vec<_> =
        (0..4).map(|n| breaker.admit(asker(n, n), secs(0)).unwrap_or_else(|_| panic!("closed"))).collect();
    breaker.record(&old[3], Outcome::Limited(Some(secs(1))), secs(0));
    run(&mut breaker, asker(9, 9), Outcome::Answered, secs(1));
    for permit in &old[..3] {
        assert_eq!(breaker.record(permit, FAILED, secs(2))[0], None);
    }
    assert_eq!(is_refused(&mut breaker, asker(8, 8), secs(2)), None);
}

#[test]
fn a_limit_is_no_failure_of_the_organization() {
    let mut breaker = Breaker::default();
    for n in 0..10 {
        run(&mut breaker, asker(0, n), Outcome::Limited(Some(secs(1))), secs(u64::try_from(n).unwrap()));
    }
    assert!(breaker.organizations.is_empty());
}

#[test]
fn the_memory_is_bounded() {
    let mut breaker = Breaker::default();
    for n in 0..3 * MAX_ORGANIZATIONS {
        // An answer in between, or the circuit of everybody would open.
        run(&mut breaker, asker(usize::MAX, 0), Outcome::Answered, secs(0));
        for token in 0..3 {
            let permit = breaker.admit(asker(n, token), secs(0));
            breaker.record(&permit.unwrap_or_else(|_| panic!("{n} is stopped")), FAILED, secs(0));
        }
    }
    assert_eq!(breaker.organizations.len(), MAX_ORGANIZATIONS);
    assert!(breaker.organizations.values().all(|circuit| circuit.failed.len() <= MAX_FAILURES));
}

/// Something that happens to a breaker.
#[derive(Clone, Copy, Debug)]
enum Event {
    Ask { organization: usize, token: usize },
    End { which: usize, outcome: Outcome },
    Pass { millis: u64 },
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let announced = || prop_oneof![Just(None), (0..400_u64).prop_map(|wait| Some(secs(wait)))];
    prop_oneof![
        3 => Just(Outcome::Answered),
        1 => announced().prop_map(Outcome::Limited),
        4 => announced().prop_map(Outcome::Failed),
        1 => Just(Outcome::Abandoned),
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

/// What a breaker was told, and what follows from its promises alone.
#[derive(Default)]
struct Witness {
    breaker: Breaker,
    now: Duration,
    under_way: Vec<Permit>,
    /// No question is admitted before this time: the last limit.
    limited_until: Duration,
    /// Whether the circuit of everybody is open, and the questions that were admitted since it opened.
    open: bool,
    probes: Vec<u64>,
}

impl Witness {
    fn apply(&mut self, event: Event) {
        match event {
            Event::Ask { organization, token } => self.ask(asker(organization, token)),
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

    fn ask(&mut self, asker: Asker) {
        match self.breaker.admit(asker, self.now) {
            Ok(permit) => {
                assert!(self.now >= self.limited_until, "admitted although Kinde asked for peace");
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

    fn end(&mut self, permit: &Permit, outcome: Outcome) {
        let changes = self.breaker.record(permit, outcome, self.now);
        self.probes.retain(|number| *number != permit.number);
        // The limit of a suspect is its own, as long as others have answers.
        if let (Outcome::Limited(announced), true) = (outcome, self.breaker.everybody.state != State::Closed)
        {
            let wait = announced.map_or(Duration::ZERO, |wait| wait.clamp(MIN_WAIT, MAX_WAIT));
            self.limited_until = self.limited_until.max(self.now + wait);
            // Whoever probed has been overtaken: the next probe follows the new wait.
            self.probes.clear();
        }
        match changes[0] {
            Some(Change::Opened(scope, _)) => {
                assert!(!self.open && scope == Scope::Everybody);
                self.open = true;
            }
            Some(Change::Closed(scope)) => {
                assert!(self.open && scope == Scope::Everybody && outcome == Outcome::Answered);
                self.open = false;
            }
            None => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_promises_hold_whatever_happens(events in vec(event(), 0..120)) {
        let mut witness = Witness::default();
        for event in events {
            witness.apply(event);
        }
        // Nothing is stopped for ever: once the questions are over, the longest wait is the last.
        for permit in std::mem::take(&mut witness.under_way) {
            witness.end(&permit, Outcome::Abandoned);
        }
        witness.now += MAX_WAIT + MAX_BACK_OFF;
        for organization in 0..6 {
            let permit = witness.breaker.admit(asker(organization, organization * 5), witness.now);
            let Ok(permit) = permit else { panic!("{organization} is stopped for ever") };
            witness.breaker.record(&permit, Outcome::Answered, witness.now);
        }
        prop_assert!(witness.breaker.organizations.is_empty());
    }

    /// However the tokens of one organization fail, and whatever else goes on, another one may ask.
    #[test]
    fn one_organization_stops_nobody_else(events in vec(event(), 0..120)) {
        let mut witness = Witness::default();
        for event in events {
            match event {
                Event::Ask { token, .. } => witness.ask(asker(0, token)),
                Event::End { outcome: Outcome::Limited(wait), which } => {
                    witness.apply(Event::End { which, outcome: Outcome::Failed(wait) });
                }
                other => witness.apply(other),
            }
            prop_assert_eq!(witness.breaker.wait(&digest("organization", 1), witness.now), None);
        }
    }
}

//! Load of live rules on Kinde: pauses after failures, the scope of a pause (token, organization, all), and the limit of
//! concurrent questions. Time is injected, and the issuer counts the questions.

use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use http::StatusCode;
use kinde_perms::{Validator, account::LiveErrorKind, requires};
use kinde_perms_testkit::{AccountData, Endpoint, Fault, Issuer, ManualClock};
use kinde_perms_tests::{Answer, get, send};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, yield_now};

const OK: StatusCode = StatusCode::OK;
const UNAVAILABLE: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

#[requires(permissions = live(["delete:todos"]))]
async fn delete() -> &'static str {
    "deleted"
}

#[requires(not(roles = live(["guest"])))]
async fn members() -> &'static str {
    "welcome"
}

struct Stage {
    issuer: Issuer,
    validator: Validator,
    app: Router,
    clock: ManualClock,
}

impl Stage {
    async fn new() -> Self {
        let clock = ManualClock::new();
        let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
        let validator = issuer.validator().await.unwrap();
        let app = Router::new()
            .route("/delete", on_get(delete))
            .route("/members", on_get(members))
            .with_state(validator.clone());
        Self { issuer, validator, app, clock }
    }

    fn token(&self, subject: &str, org: &str) -> String {
        self.issuer.token().subject(subject).org_code(org).permission("delete:todos").sign()
    }

    /// Returns `count` tokens, each of its own user and organization.
    fn tokens(&self, count: usize) -> Vec<String> {
        (0..count).map(|n| self.token(&format!("kp_{n}"), &format!("org_{n}"))).collect()
    }

    fn fail(&self, fault: Fault) {
        self.issuer.set_fault(Endpoint::Permissions, fault);
    }

    fn limit(&self, wait: &str) {
        self.fail(Fault::RetryAfter(429, wait.to_owned()));
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    async fn ask(&self, token: &str) -> Answer {
        send(&self.app, get("/delete", Some(token))).await
    }

    async fn status(&self, token: &str) -> StatusCode {
        self.ask(token).await.status
    }

    /// Asserts that the request is refused, and returns its `Retry-After`.
    async fn wait(&self, token: &str) -> u64 {
        let answer = self.ask(token).await;
        assert_eq!(answer.status, UNAVAILABLE);
        assert_eq!(answer.json()["code"], "live_check_unavailable");
        answer.header("retry-after").parse().unwrap()
    }

    fn start(&self, token: &str) -> JoinHandle<StatusCode> {
        let (app, token) = (self.app.clone(), token.to_owned());
        tokio::spawn(async move { send(&app, get("/delete", Some(&token))).await.status })
    }

    fn asked(&self) -> u64 {
        self.issuer.requests(Endpoint::Permissions)
    }

    async fn arrived(&self, count: u64) {
        self.issuer.wait_for_requests(Endpoint::Permissions, count).await;
    }
}

#[tokio::test]
async fn two_hundred_requests_of_a_limited_token_are_one_question() {
    let stage = Stage::new().await;
    stage.limit("7");
    let token = stage.token("kp_1", "org_1");
    let together: Vec<_> = (0..100).map(|_| stage.start(&token)).collect();
    for one in together {
        assert_eq!(one.await.unwrap(), UNAVAILABLE);
    }
    for _ in 0..100 {
        assert_eq!(stage.wait(&token).await, 7);
    }
    assert_eq!(stage.asked(), 1);
    stage.clock.advance(Duration::from_millis(2_500));
    assert_eq!(stage.wait(&token).await, 5, "4.5 s are left");
    stage.clock.advance(Duration::from_millis(4_499));
    assert_eq!(stage.wait(&token).await, 1);
    assert_eq!(stage.asked(), 1);
    stage.fail(Fault::None);
    stage.clock.advance(Duration::from_millis(1));
    assert_eq!(stage.status(&token).await, OK);
    assert_eq!(stage.asked(), 2);
}

#[tokio::test]
async fn a_failure_that_announces_nothing_is_kept_for_five_seconds() {
    let stage = Stage::new().await;
    let token = stage.token("kp_1", "org_1");
    let faults = [Fault::Status(500), Fault::Drop, Fault::Html, Fault::Status(403), Fault::Status(404)];
    for (before, fault) in faults.into_iter().enumerate() {
        stage.fail(fault.clone());
        for _ in 0..3 {
            assert_eq!(stage.wait(&token).await, 5, "{fault:?}");
        }
        assert_eq!(stage.asked(), u64::try_from(before).unwrap() + 1, "{fault:?}");
        stage.advance(4);
        assert_eq!(stage.wait(&token).await, 1, "{fault:?}");
        stage.advance(1);
    }
    stage.fail(Fault::None);
    assert_eq!(stage.status(&token).await, OK);
}

#[tokio::test]
async fn the_announced_wait_is_seconds_or_a_date_and_bounded() {
    let waits = [
        ("30", 30),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60),
        ("0", 1),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 1),
        ("18446744073709551615", 300),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 300),
        ("soon", 5),
        ("-1", 5),
    ];
    for status in [429, 503] {
        for (announced, wait) in waits {
            let stage = Stage::new().await;
            let token = stage.token("kp_1", "org_1");
            stage.fail(Fault::RetryAfter(status, announced.to_owned()));
            assert_eq!(stage.wait(&token).await, wait, "{status} {announced}");
            stage.fail(Fault::None);
            stage.advance(wait - 1);
            assert_eq!(stage.wait(&token).await, 1, "{status} {announced}");
            stage.advance(1);
            assert_eq!(stage.status(&token).await, OK, "{status} {announced}");
            assert_eq!(stage.asked(), 2, "{status} {announced}");
        }
    }
}

#[tokio::test]
async fn a_limit_binds_every_token_and_every_question() {
    let stage = Stage::new().await;
    let known = stage.token("kp_0", "org_0");
    assert_eq!(stage.status(&known).await, OK);
    stage.limit("7");
    for token in stage.tokens(50).iter().skip(1) {
        assert_eq!(stage.wait(token).await, 7);
        assert_eq!(send(&stage.app, get("/members", Some(token))).await.status, UNAVAILABLE);
    }
    assert_eq!((stage.asked(), stage.issuer.requests(Endpoint::Roles)), (2, 0));
    assert_eq!(stage.status(&known).await, OK, "a cached answer stays usable");
}

#[tokio::test]
async fn after_the_wait_a_single_question_probes() {
    let stage = Stage::new().await;
    let tokens = stage.tokens(4);
    stage.limit("7");
    stage.wait(&tokens[0]).await;
    stage.advance(7);
    stage.fail(Fault::Hang);
    let probe = stage.start(&tokens[1]);
    stage.arrived(2).await;
    assert_eq!(stage.wait(&tokens[2]).await, 1, "only the probe asks meanwhile");
    stage.limit("3");
    assert_eq!(probe.await.unwrap(), UNAVAILABLE);
    assert_eq!(stage.wait(&tokens[2]).await, 3, "the probe failed");
    stage.advance(3);
    stage.fail(Fault::None);
    assert_eq!(stage.status(&tokens[2]).await, OK);
    assert_eq!(stage.status(&tokens[3]).await, OK);
    assert_eq!(stage.asked(), 4);
}

#[tokio::test]
async fn failures_of_one_organization_do_not_pause_others() {
    let stage = Stage::new().await;
    let failing: Vec<String> = (0..20).map(|n| stage.token(&format!("kp_a{n}"), "org_a")).collect();
    for n in 0..20 {
        stage.issuer.set_account(&format!("kp_a{n}"), AccountData::new("org_a").failing(500));
    }
    for token in &failing {
        assert_eq!(stage.wait(token).await, 5);
    }
    assert_eq!(stage.asked(), 3, "three tokens speak for their organization");
    for token in stage.tokens(20) {
        assert_eq!(stage.status(&token).await, OK);
    }
    // After the wait one question of the organization probes, and the next wait is longer.
    stage.advance(5);
    assert_eq!(stage.wait(&failing[10]).await, 10);
    assert_eq!(stage.wait(&failing[11]).await, 10);
    assert_eq!(stage.asked(), 24);
}

#[tokio::test]
async fn one_failing_user_does_not_stop_the_organization() {
    let stage = Stage::new().await;
    stage.issuer.set_account("kp_a", AccountData::new("org_1").failing(500));
    let (failing, other) = (stage.token("kp_a", "org_1"), stage.token("kp_b", "org_1"));
    for _ in 0..10 {
        stage.wait(&failing).await;
        stage.advance(5);
    }
    assert_eq!(stage.asked(), 10);
    assert_eq!(stage.status(&other).await, OK);
}

#[tokio::test]
async fn several_organizations_failing_in_a_row_pause_all() {
    for fault in [Fault::Status(500), Fault::Status(503), Fault::Drop, Fault::CutOff, Fault::Html] {
        let stage = Stage::new().await;
        let tokens = stage.tokens(20);
        stage.fail(fault.clone());
        for token in &tokens {
            assert_eq!(stage.wait(token).await, 5, "{fault:?}");
        }
        assert_eq!(stage.asked(), 3, "{fault:?}");
        stage.fail(Fault::None);
        stage.advance(5);
        // The tokens that caused the pause may not ask the first question after it.
        for token in tokens.iter().rev() {
            assert_eq!(stage.status(token).await, OK, "{fault:?}");
        }
    }
}

/// Three accounts always fail, and ask first whenever a pause is over.
#[tokio::test]
async fn the_same_accounts_cannot_pause_all_repeatedly() {
    let stage = Stage::new().await;
    let attackers = stage.tokens(3);
    for n in 0..3 {
        let account = AccountData::new(&format!("org_{n}")).failing(500);
        stage.issuer.set_account(&format!("kp_{n}"), account);
    }
    let other = stage.token("kp_other", "org_other");
    let mut refused = 0;
    for _ in 0..20 {
        for attacker in &attackers {
            stage.wait(attacker).await;
        }
        refused += u32::from(stage.status(&other).await == UNAVAILABLE);
        stage.advance(31);
    }
    assert_eq!(refused, 1);
}

/// Failures of three users count as a row; failures of three tokens of one user or one program do not.
#[tokio::test]
async fn one_user_with_many_tokens_does_not_pause_others() {
    let stage = Stage::new().await;
    stage.issuer.set_account("kp_a", AccountData::new("org_1").failing(500));
    for number in 0..5 {
        let token = stage.issuer.token().subject("kp_a").org_code("org_1").claim("jti", number.to_string());
        stage.wait(&token.permission("delete:todos").sign()).await;
    }
    assert_eq!(stage.status(&stage.token("kp_b", "org_1")).await, OK);
}

#[tokio::test]
async fn an_answer_in_between_ends_the_row() {
    let stage = Stage::new().await;
    let tokens = stage.tokens(40);
    for pair in tokens.chunks(2) {
        stage.fail(Fault::Status(500));
        stage.wait(&pair[0]).await;
        stage.fail(Fault::None);
        assert_eq!(stage.status(&pair[1]).await, OK);
    }
    assert_eq!(stage.asked(), 40);
}

#[tokio::test]
async fn a_refusal_by_kinde_is_no_outage() {
    let stage = Stage::new().await;
    stage.fail(Fault::Status(403));
    for token in stage.tokens(20) {
        stage.wait(&token).await;
    }
    assert_eq!(stage.asked(), 20);
}

#[tokio::test]
async fn at_most_eight_questions_are_under_way_and_the_rest_waits_its_turn() {
    let stage = Stage::new().await;
    stage.fail(Fault::Hang);
    let waiting: Vec<_> = stage.tokens(30).iter().map(|token| stage.start(token)).collect();
    stage.arrived(8).await;
    // One deadline of each rule, one of each question, and the refresh of the keys.
    stage.clock.wait_for_sleeps(30 + 30 + 1).await;
    assert_eq!(stage.asked(), 8);
    stage.fail(Fault::None);
    for one in waiting {
        assert_eq!(one.await.unwrap(), OK);
    }
    assert_eq!(stage.asked(), 30);
}

#[tokio::test]
async fn a_queued_question_is_refused_after_the_time_of_a_rule() {
    let stage = Stage::new().await;
    let tokens = stage.tokens(10);
    stage.fail(Fault::Hang);
    let mut asking: Vec<_> = tokens.iter().take(8).map(|token| stage.start(token)).collect();
    stage.arrived(8).await;
    let (validator, token) = (stage.validator.clone(), tokens[8].clone());
    let queued =
        tokio::spawn(
            async move { validator.account(&token).await.unwrap().permissions().await.unwrap_err() },
        );
    stage.clock.wait_for_sleeps(8 + 9 + 1).await;
    stage.advance(10);
    let refused = queued.await.unwrap();
    assert!(matches!(refused.kind(), LiveErrorKind::Overloaded | LiveErrorKind::Paused), "{refused}");
    for one in asking.drain(..) {
        assert_eq!(one.await.unwrap(), UNAVAILABLE);
    }
    assert_eq!(stage.asked(), 8, "a timed-out rule asks nothing more");
    assert_eq!(stage.wait(&tokens[9]).await, 5, "eight organizations that time out are an outage");
    stage.fail(Fault::None);
    stage.advance(5);
    assert_eq!(stage.status(&tokens[8]).await, OK);
}

#[tokio::test]
async fn the_queue_is_bounded_and_dropped_requests_leave_it() {
    let stage = Stage::new().await;
    stage.fail(Fault::Hang);
    let tokens = stage.tokens(257);
    let asking: Vec<_> = tokens[..8].iter().map(|token| stage.start(token)).collect();
    stage.arrived(8).await;
    let queued: Vec<_> = tokens[8..256].iter().map(|token| stage.start(token)).collect();
    stage.clock.wait_for_sleeps(256 + 256 + 1).await;
    let account = stage.validator.account(&tokens[256]).await.unwrap();
    assert_eq!(account.permissions().await.unwrap_err().kind(), &LiveErrorKind::Overloaded);
    for one in &queued {
        one.abort();
    }
    for one in queued {
        assert!(one.await.unwrap_err().is_cancelled());
    }
    // A queued question notices its dropped request when it runs.
    for _ in 0..1_000 {
        yield_now().await;
    }
    assert_eq!(stage.clock.pending_sleeps().len(), 8 + 8 + 1);
    let last = stage.start(&tokens[256]);
    stage.clock.wait_for_sleeps(8 + 8 + 2 + 1).await;
    stage.fail(Fault::None);
    for one in asking.into_iter().chain([last]) {
        assert_eq!(one.await.unwrap(), OK);
    }
    assert_eq!(stage.asked(), 9);
}

#[tokio::test]
async fn dropped_questions_release_their_slots() {
    let stage = Stage::new().await;
    let tokens = stage.tokens(20);
    stage.fail(Fault::Hang);
    let asking: Vec<_> = tokens.iter().take(8).map(|token| stage.start(token)).collect();
    stage.arrived(8).await;
    asking.iter().for_each(JoinHandle::abort);
    stage.fail(Fault::None);
    for token in tokens.iter().skip(8) {
        assert_eq!(stage.status(token).await, OK);
    }
    for token in tokens.iter().take(8) {
        assert_eq!(stage.status(token).await, OK);
    }
    assert_eq!(stage.asked(), 20, "answers to dropped requests are cached");
}

#[tokio::test]
async fn connections_are_kept_between_pages_and_questions() {
    let stage = Stage::new().await;
    let before = stage.issuer.connections();
    stage.issuer.set_page_limit(1);
    let account =
        (0..20).fold(AccountData::new("org_0"), |account, n| account.permission(&format!("do:{n}")));
    stage.issuer.set_account("kp_0", account);
    let tokens = stage.tokens(8);
    assert_eq!(stage.status(&tokens[0]).await, StatusCode::FORBIDDEN);
    assert_eq!((stage.asked(), stage.issuer.connections() - before), (20, 1));
    for token in &tokens[1..6] {
        assert_eq!(stage.status(token).await, OK);
    }
    stage.fail(Fault::Status(500));
    stage.wait(&tokens[6]).await;
    stage.fail(Fault::None);
    assert_eq!(stage.status(&tokens[7]).await, OK);
    assert_eq!((stage.asked(), stage.issuer.connections() - before), (27, 1));
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn issuers() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A connection is a task on the runtime that opened it.
#[test]
fn a_runtime_never_waits_for_a_connection_of_another_one() {
    let issuers = issuers();
    let stage = issuers.block_on(Stage::new());
    let tokens = stage.tokens(4);
    let asks = |runtime: &Runtime, token: &str| runtime.block_on(stage.status(token));
    let idle = runtime();
    assert_eq!(asks(&idle, &tokens[0]), OK);
    // `idle` exists but is not driven; the next runtime ends after its question.
    assert_eq!(asks(&runtime(), &tokens[1]), OK);
    assert_eq!(asks(&runtime(), &tokens[2]), OK);
    assert_eq!(asks(&idle, &tokens[3]), OK);
}

#[test]
fn a_runtime_that_ends_leaves_neither_slots_nor_the_probe_behind() {
    let issuers = issuers();
    let stage = issuers.block_on(Stage::new());
    let tokens = stage.tokens(10);
    stage.fail(Fault::Hang);
    let first = runtime();
    first.block_on(async {
        for token in &tokens {
            drop(stage.start(token));
        }
        stage.arrived(8).await;
    });
    drop(first);
    stage.limit("7");
    runtime().block_on(stage.wait(&tokens[0]));
    stage.advance(7);
    stage.fail(Fault::Hang);
    let probing = runtime();
    probing.block_on(async {
        drop(stage.start(&tokens[1]));
        stage.arrived(10).await;
        assert_eq!(stage.wait(&tokens[2]).await, 1);
    });
    drop(probing);
    stage.fail(Fault::None);
    assert_eq!(runtime().block_on(stage.status(&tokens[2])), OK);
}

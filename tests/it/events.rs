//! The `tracing` events of refusals and of live rules, recorded by a subscriber and compared line by line.
//! `jwks/keyring/events` tests the events of the keys.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kinde_perms::{Requirement, audit::TracingObserver, requirement, time::SystemClock};
use kinde_perms_testkit::{Endpoint, Fault, Issuer, ManualClock, Offline};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const RULE: Requirement = requirement!(permissions = ["create:todos"]);

/// A subscriber that records each event: level, target, name, and fields.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("kinde_perms")
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {} {}", metadata.level(), metadata.target(), metadata.name()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() != "message" {
            self.0 = format!("{} {}={value:?}", self.0, field.name());
        }
    }
}

#[tokio::test]
async fn each_refusal_is_one_event_that_shows_nothing_of_the_token() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let kinde = Offline::new();
    let validator = kinde.validator();
    let secret = kinde.token().subject("kp_secret").claim("email", "secret@example.com").sign();
    let claims = validator.verify(&secret).await.unwrap();
    validator.authorize(&claims, &RULE).unwrap_err();
    let expired = kinde.token().subject("kp_secret").expired().sign();
    for value in ["Bearer", "Basic secret", "Bearer secret", &format!("Bearer {expired}")] {
        let mut headers = http::HeaderMap::new();
        headers.insert("authorization", value.parse().unwrap());
        validator.authenticate(&headers, &mut http::Extensions::new()).await.unwrap_err();
    }
    let events = log.0.lock().unwrap().clone();
    let refused = |code: &str, status: u16, reason: &str| {
        format!("DEBUG kinde_perms::rejection refused code=\"{code}\" status={status} reason={reason}")
    };
    assert_eq!(
        events,
        [
            refused("forbidden", 403, "token lacks permission `create:todos`"),
            refused("invalid_request", 400, "authorization header does not hold exactly one bearer token"),
            refused("missing_token", 401, "request carries no bearer token"),
            refused("invalid_token", 401, "token is not a well-formed JWS"),
            refused("expired_token", 401, "token has expired"),
        ]
    );
    assert!(events.iter().all(|event| !event.contains("secret")));
}

/// Claims are foreign text, and logs are read on terminals.
#[tokio::test]
async fn a_decision_is_one_line_of_visible_characters() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let kinde = Offline::with(SystemClock, |builder| builder.observer(TracingObserver::new()));
    let hostile = "x\n\u{1b}[2J\u{202e}\u{9b}";
    let token = kinde.token().subject(hostile).org_code(hostile).claim("azp", hostile).claim("jti", hostile);
    let claims = kinde.validator().verify(&token.sign()).await.unwrap();
    kinde.validator().authorize(&claims, &RULE).unwrap_err();
    let event = log.0.lock().unwrap().pop().unwrap();
    for field in ["user.id", "kinde.org_code", "kinde.client_id", "kinde.token_id"] {
        let expected = format!(" {field}={:?}", r"x\n\u{1b}[2J\u{202e}\u{9b}");
        assert!(event.contains(&expected), "{expected}: {event}");
    }
    assert_eq!(kinde.validator().verify(&token.sign()).await.unwrap().subject(), Some(hostile));
}

#[tokio::test]
async fn a_pause_of_live_rules_and_its_end_are_one_event_each() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let clock = ManualClock::new();
    let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
    let validator = issuer.validator().await.unwrap();
    log.0.lock().unwrap().clear();
    let roles = async |subject: &str| {
        let token = issuer.token().subject(subject).org_code("org_secret").sign();
        validator.account(&token).await.unwrap().roles().await
    };
    issuer.set_fault(Endpoint::Roles, Fault::RetryAfter(429, "7".into()));
    for subject in ["kp_secret", "kp_other", "kp_third"] {
        roles(subject).await.unwrap_err();
    }
    clock.advance(Duration::from_secs(7));
    roles("kp_other").await.unwrap_err();
    clock.advance(Duration::from_secs(7));
    issuer.set_fault(Endpoint::Roles, Fault::None);
    roles("kp_secret").await.unwrap();
    roles("kp_third").await.unwrap();

    issuer.set_fault(Endpoint::Roles, Fault::Status(500));
    for subject in 0..5 {
        roles(&format!("kp_{subject}")).await.unwrap_err();
    }
    let paused =
        |scope: &str, wait: &str| format!("WARN kinde_perms::live paused scope=\"{scope}\" wait={wait}");
    let resumed = "INFO kinde_perms::live resumed scope=\"all\"".to_owned();
    assert_eq!(*log.0.lock().unwrap(), [paused("all", "7s"), resumed, paused("organization", "5s")]);
}

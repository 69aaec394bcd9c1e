//! The event of a refusal. Those of the keys are tested beside them, in `jwks/keyring/events`.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use kinde_perms::testkit::Offline;
use kinde_perms::{Requirement, SystemClock, TracingObserver, requirement};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const RULE: Requirement = requirement!(permissions = ["create:todos"]);

/// Writes down every event: level, target, name, and fields.
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

/// A token's claims are the issuer's words, and a log is read on terminals.
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

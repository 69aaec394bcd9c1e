//! One decision gives one audit event. `table` has a row for each entrance and each reason to refuse; the test asks each
//! row and compares the events that the observer recorded.

mod table;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use axum::extract::{FromRef, FromRequestParts, Path};
use axum::routing::get as on_get;
use axum::{Extension, Router};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Extensions, HeaderMap, Request};
use kinde_perms::routing::guarded_service;
use kinde_perms::tower::AuthLayer;
use kinde_perms::{
    Account, Claims, GuardedRouter, Rejection, Requirement, Validator, Verdict, audit::AuditEvent, check,
    requirement, requires,
};
use kinde_perms_testkit::{Endpoint, Fault, Issuer, Offline, TokenBuilder, TokenParts};
use kinde_perms_tests::{get, send};
use tower::ServiceExt;

use self::table::{Ask, Who, table};

const READ: Requirement = requirement!(permissions = ["read"]);
const WRITE: Requirement = requirement!(permissions = ["write"]);

#[derive(Clone)]
struct App {
    validator: Validator,
    /// A validator of another issuer, without this test's observer.
    other: Validator,
}

impl FromRef<App> for Validator {
    fn from_ref(app: &App) -> Self {
        app.validator.clone()
    }
}

/// Authenticates with `App::other`, so that its refusal reaches the other validator's observer.
struct Foreign;

impl FromRequestParts<App> for Foreign {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Rejection> {
        app.other.authenticate(&parts.headers, &mut parts.extensions).await.map(|_| Self)
    }
}

/// Removes the token from the request.
struct Stripped;

impl<S: Sync> FromRequestParts<S> for Stripped {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        parts.headers.remove(AUTHORIZATION);
        Ok(Self)
    }
}

#[check]
async fn judged(Path(answer): Path<u8>) -> Result<Verdict, &'static str> {
    [Verdict::Allow, Verdict::Deny, Verdict::NotFound].get(usize::from(answer)).copied().ok_or("no answer")
}

/// Without the layer that adds the extension, Axum rejects with 500.
#[check]
async fn misconfigured(_layer_is_missing: Extension<u8>) -> Verdict {
    Verdict::Allow
}

#[check]
async fn foreign(_: Foreign) -> Verdict {
    Verdict::Allow
}

#[check]
async fn stripped(_: Stripped, _: Claims) -> Verdict {
    Verdict::Allow
}

#[check]
async fn stripped_then_malformed(_: Stripped, _: Path<u8>) -> Verdict {
    Verdict::Allow
}

#[check]
async fn endless() -> Verdict {
    std::future::pending().await
}

#[requires(permissions = ["read"])]
async fn guarded(_: Claims, _: Option<Claims>) {}
#[requires(permissions = ["read"])]
async fn granted() {}
#[requires(org = "org_1")]
async fn of_org() {}
#[requires(principal = machine)]
async fn of_machine() {}
#[requires(roles = live(["admin"]))]
async fn live() {}
#[requires(permissions = live(["delete"]))]
async fn in_outage() {}
#[requires(permissions = ["read"], check = judged)]
async fn checked() {}
#[requires(permissions = ["read"], check = judged, check = misconfigured)]
async fn checked_twice() {}
#[requires(check = foreign)]
async fn checked_elsewhere() {}
#[requires(check = stripped)]
async fn checked_without_token() {}
#[requires(check = stripped_then_malformed)]
async fn checked_and_malformed() {}
#[requires(check = endless)]
async fn checked_for_ever() {}

async fn required(_: Claims) {}
async fn optional(_: Option<Claims>) {}
async fn result(_: Result<Claims, Rejection>) {}
async fn account(_: Account) {}

type Log = Arc<Mutex<Vec<String>>>;

struct Stage {
    issuer: Issuer,
    validator: Validator,
    app: Router,
    log: Log,
}

impl Stage {
    async fn new() -> Self {
        let (issuer, log) = (Issuer::start().await.unwrap(), Log::default());
        let told = Arc::clone(&log);
        let observer = move |event: &AuditEvent<'_>| told.lock().unwrap().push(shown(event));
        let validator = issuer.validator_builder().observer(observer).connect().await.unwrap();
        // From here on the key set and one list of the Account API fail.
        issuer.set_fault(Endpoint::Keys, Fault::Status(500));
        issuer.set_fault(Endpoint::Permissions, Fault::Status(500));
        let app = app(&App { validator: validator.clone(), other: Offline::new().validator().clone() });
        Self { issuer, validator, app, log }
    }

    fn reader(&self) -> TokenBuilder {
        self.issuer.token().subject("kp_1").permission("read").role("admin")
    }

    /// Returns the `Authorization` headers of a request.
    fn credentials(&self, who: Who) -> Vec<String> {
        let bearer = |token: String| vec![format!("Bearer {token}")];
        match who {
            Who::Nobody => Vec::new(),
            Who::OtherScheme => vec!["Basic eDp5".to_owned()],
            Who::Malformed => vec!["Bearer a b".to_owned()],
            Who::Twice => [bearer(self.reader().sign()), bearer(self.reader().sign())].concat(),
            Who::Garbage => bearer("no.such.token".to_owned()),
            Who::Expired => bearer(self.reader().expired().sign()),
            Who::OtherApi => bearer(self.reader().claim("aud", ["https://other.test"].as_slice()).sign()),
            Who::UnknownKey => {
                let edit =
                    |header: &mut serde_json::Map<_, _>| drop(header.insert("kid".into(), "new".into()));
                bearer(TokenParts::of(&self.reader().sign()).edit_header(edit).to_string())
            }
            Who::Bare => bearer(self.issuer.token().subject("kp_2").sign()),
            Who::Reader => bearer(self.reader().sign()),
        }
    }

    fn headers(&self, who: Who) -> HeaderMap {
        self.credentials(who).iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect()
    }

    fn token(&self, who: Who) -> String {
        self.credentials(who)[0].strip_prefix("Bearer ").unwrap().to_owned()
    }

    fn parts(&self, who: Who) -> Parts {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.headers = self.headers(who);
        parts
    }

    async fn ask(&self, path: &str, who: Who) -> u16 {
        let mut request = get(path, None);
        *request.headers_mut() = self.headers(who);
        send(&self.app, request).await.status.as_u16()
    }

    fn events(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }

    /// Calls a method of the validator.
    async fn call(&self, method: &str, who: Who) {
        let (validator, mut parts) = (&self.validator, self.parts(who));
        let (headers, extensions) = (&parts.headers, &mut Extensions::new());
        match method {
            "admit" => drop(validator.admit(&mut parts, &READ).await),
            "authenticate" => drop(validator.authenticate(headers, extensions).await),
            "authenticate_if_present" => drop(validator.authenticate_if_present(headers, extensions).await),
            "authenticate_account" => drop(validator.authenticate_account(headers, extensions).await),
            "authorize_token" => drop(validator.authorize_token(&self.token(who), &READ).await),
            "grant" => drop(direct(granted, validator.grant(&self.token(who)).await).await),
            "authorize" => {
                let claims = validator.verify(&self.token(who)).await.unwrap();
                drop(validator.authorize(&claims, &READ));
            }
            _ => panic!("no row says how to call `{method}`"),
        }
    }
}

/// Calls a handler as an application's test does; the handler's argument determines the rule.
async fn direct<P, F: Future<Output = ()>>(
    handler: impl FnOnce(kinde_perms::Guard<P>) -> F,
    granted: Result<kinde_perms::Guard<P>, Rejection>,
) -> Option<()> {
    let guard = granted.ok()?;
    handler(guard).await;
    Some(())
}

fn app(state: &App) -> Router {
    let service = || guarded_service(READ, Router::new().fallback(async || "file"));
    let services = GuardedRouter::new().nest_service("/files", service()).with_state(state.clone());
    let layered = |layer: AuthLayer| Router::new().route("/", on_get(guarded)).layer(layer);
    let validator = &state.validator;
    Router::new()
        .route("/guarded", on_get(guarded))
        .route("/org", on_get(of_org))
        .route("/machine", on_get(of_machine))
        .route("/live", on_get(live))
        .route("/in-outage", on_get(in_outage))
        .route("/checked/{answer}", on_get(checked))
        .route("/checked-twice/{answer}", on_get(checked_twice))
        .route("/checked-elsewhere", on_get(checked_elsewhere))
        .route("/checked-without-token", on_get(checked_without_token))
        .route("/checked-and-malformed/{answer}", on_get(checked_and_malformed))
        .route("/checked-for-ever", on_get(checked_for_ever))
        .route("/required", on_get(required))
        .route("/optional", on_get(optional))
        .route("/result", on_get(result))
        .route("/account", on_get(account))
        .nest("/layer", layered(AuthLayer::authenticated(validator.clone())))
        .nest("/layer-of-writers", layered(AuthLayer::requiring(validator.clone(), WRITE)))
        .nest("/layer-of-anyone", layered(AuthLayer::optional(validator.clone())))
        .with_state(state.clone())
        .merge(services.into_router())
}

/// Prints the verdict, the name of the reason, and the caller; `-` for an absent one.
fn shown(event: &AuditEvent<'_>) -> String {
    let reason = event.reason().map(|reason| format!("{reason:?}"));
    let name = reason.as_deref().and_then(|reason| reason.split(['(', ' ']).next()).unwrap_or("-");
    format!("{} {name} {}", event.verdict().as_str(), event.subject().unwrap_or("-"))
}

#[tokio::test]
async fn every_decision_is_one_event() {
    let stage = Stage::new().await;
    for (entrance, ask, who, expected) in table() {
        match ask {
            Ask::Path(path) => drop(stage.ask(path, who).await),
            Ask::Call(method) => stage.call(method, who).await,
        }
        assert_eq!(stage.events(), expected, "{entrance}, {ask:?}, {who:?}");
    }
}

#[tokio::test]
async fn a_rejecting_extractor_of_a_check_answers_and_the_event_names_both() {
    let stage = Stage::new().await;
    assert_eq!(stage.ask("/checked/x", Who::Reader).await, 400);
    assert_eq!(stage.ask("/checked-twice/0", Who::Reader).await, 500);
    assert_eq!(stage.ask("/checked-elsewhere", Who::Reader).await, 401);
    let told = Log::default();
    let log = Arc::clone(&told);
    let observer =
        move |event: &AuditEvent<'_>| log.lock().unwrap().push(format!("{event} [{:?}]", event.code()));
    let kinde = Offline::with(kinde_perms::time::SystemClock, |builder| builder.observer(observer));
    let app = app(&App { validator: kinde.validator().clone(), other: kinde.validator().clone() });
    let token = kinde.token().subject("kp_1").permission("read").sign();
    send(&app, get("/checked/x", Some(&token))).await;
    assert_eq!(
        *told.lock().unwrap(),
        [
            "refused GET /checked/{answer} by kp_1: an extractor of check `it::decisions::judged` rejects it with 400 \
          [Some(\"check_rejected\")]"
        ]
    );
}

#[tokio::test]
async fn a_request_dropped_before_the_decision_gives_no_event() {
    let stage = Stage::new().await;
    let mut request = get("/checked-for-ever", None);
    *request.headers_mut() = stage.headers(Who::Reader);
    {
        let answer = pin!(stage.app.clone().oneshot(request));
        assert!(matches!(answer.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
    }
    assert_eq!(stage.events(), [""; 0]);
}

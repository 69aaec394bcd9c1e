//! The audit hook: an observer records the events, and each decision must give exactly one, with verified facts only.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, Request};
use axum::middleware::{Next, from_fn};
use axum::routing::get as on_get;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, StatusCode};
use kinde_perms::routing::{get, guarded_service, post};
use kinde_perms::tower::AuthLayer;
use kinde_perms::{
    Claims, GuardedRouter, Verdict,
    audit::{AuditEvent, AuditVerdict},
    check, public, requirement, requires,
    time::SystemClock,
};
use kinde_perms_testkit::Offline;
use kinde_perms_tests::{get as asking, send};

#[requires(permissions = ["read:todos"])]
async fn list(_claims: Claims, _again: Option<Claims>) {}

#[public(reason = "a test")]
async fn lenient(_claims: Option<Claims>) {}

type Log = Arc<Mutex<Vec<Vec<Option<String>>>>>;

fn record(log: &Log) -> impl Fn(&AuditEvent<'_>) + Send + Sync + 'static {
    let log = Arc::clone(log);
    move |event| {
        let text = |text: Option<&str>| text.map(str::to_owned);
        log.lock().unwrap().push(vec![
            text(Some(event.verdict().as_str())),
            text(event.method().map(Method::as_str)),
            text(event.route()),
            event.rule().map(ToString::to_string),
            event.missing().map(ToString::to_string),
            text(event.code()),
            text(event.subject()),
            text(event.client()),
            text(event.org_code()),
            text(event.token_id()),
            event.key_id().map(|_| "a key".to_owned()),
        ]);
    }
}

fn routes() -> GuardedRouter<kinde_perms::Validator> {
    let files = axum::Router::new().fallback(async || "file");
    GuardedRouter::new()
        .nest("/api", GuardedRouter::new().route("/todos/{id}", get(list)))
        .route("/open", post(lenient))
        .nest(
            "/v1",
            GuardedRouter::new()
                .nest_service("/files", guarded_service(requirement!(roles = ["admin"]), files)),
        )
}

#[tokio::test]
async fn each_decision_is_observed_once_with_verified_facts() {
    let log = Log::default();
    let kinde = Offline::with(SystemClock, |builder| builder.observer(record(&log)));
    let app = routes().with_state(kinde.validator().clone()).into_router();
    let token = kinde.token().subject("kp_7").permission("read:todos").org_code("org_7").sign();
    let bare = kinde.token().subject("kp_8").sign();
    let admin = kinde.token().role("admin").sign();
    let post_to = |path: &str, token: Option<&str>| {
        let mut request = asking(path, token);
        *request.method_mut() = Method::POST;
        request
    };
    for request in [
        asking("/api/todos/17", Some(&token)),
        asking("/api/todos/18", Some(&bare)),
        asking("/api/todos/19", None),
        asking("/api/todos/20", Some("no.such.token")),
        asking("/v1/files/a", Some(&bare)),
        asking("/v1/files", Some(&bare)),
        asking("/v1/files/", Some(&admin)),
        post_to("/open", None),
        post_to("/open", Some(&token)),
        post_to("/open", Some("no.such.token")),
        asking("/nowhere", None),
    ] {
        send(&app, request).await;
    }
    let events = log.lock().unwrap();
    let shown = |event: &Vec<Option<String>>| {
        event.iter().take(6).map(|part| part.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(" | ")
    };
    let rule = r#"permissions = ["read:todos"]"#;
    let refused_files =
        "refused | GET | /v1/files/{*} | roles = [\"admin\"] | token carries no roles claim | forbidden";
    assert_eq!(
        events.iter().map(shown).collect::<Vec<_>>(),
        [
            format!("allowed | GET | /api/todos/{{id}} | {rule} | - | -"),
            format!(
                "refused | GET | /api/todos/{{id}} | {rule} | token lacks permission `read:todos` | forbidden"
            ),
            format!("refused | GET | /api/todos/{{id}} | {rule} | - | missing_token"),
            format!("refused | GET | /api/todos/{{id}} | {rule} | - | invalid_token"),
            refused_files.to_owned(),
            refused_files.to_owned(),
            "allowed | GET | /v1/files/{*} | roles = [\"admin\"] | - | -".to_owned(),
            "refused | - | - | - | - | invalid_token".to_owned(),
        ]
    );
    let known = |event: usize| {
        events[event][6..].iter().map(|part| part.as_deref().unwrap_or("-")).collect::<Vec<_>>()
    };
    assert_eq!((known(0)[0], known(0)[2], known(0)[4]), ("kp_7", "org_7", "a key"));
    assert_eq!((known(1)[0], known(1)[4]), ("kp_8", "a key"));
    // An unverified token contributes nothing.
    assert_eq!(known(3), ["-"; 5]);
    let all = format!("{events:?}");
    assert!([&token, &bare].iter().all(|token| !all.contains(token.rsplit('.').next().unwrap())));
}

#[tokio::test]
async fn direct_calls_are_observed_without_a_request() {
    let verdicts = Arc::new(Mutex::new(Vec::new()));
    let observed = Arc::clone(&verdicts);
    let kinde = Offline::with(SystemClock, |builder| {
        builder.observer(move |event: &AuditEvent<'_>| {
            observed.lock().unwrap().push((event.verdict(), event.to_string()));
        })
    });
    let token = kinde.token().subject("kp_7").permission("read:todos").sign();
    let claims = kinde.validator().verify(&token).await.unwrap();
    assert!(kinde.validator().authorize(&claims, &requirement!(permissions = ["read:todos"])).is_ok());
    assert!(kinde.validator().authorize(&claims, &requirement!(scopes = ["x"])).is_err());
    assert_eq!(
        *verdicts.lock().unwrap(),
        [
            (AuditVerdict::Allowed, r#"allowed by kp_7: permissions = ["read:todos"]"#.to_owned()),
            (AuditVerdict::Refused, "refused by kp_7: token lacks scope `x`".to_owned()),
        ]
    );
}

#[check]
async fn is_even(Path(id): Path<u64>) -> kinde_perms::Verdict {
    if id.is_multiple_of(2) { kinde_perms::Verdict::Allow } else { kinde_perms::Verdict::Deny }
}

#[requires(permissions = ["read:todos"], check = is_even)]
async fn even() {}

#[tokio::test]
async fn a_rule_and_its_check_are_one_decision() {
    let log = Log::default();
    let kinde = Offline::with(SystemClock, |builder| builder.observer(record(&log)));
    let routes = GuardedRouter::new().route("/even/{id}", get(even));
    assert_eq!(
        routes.access().routes()[0].access().to_string(),
        r#"permissions = ["read:todos"], check = it::audit::is_even"#
    );
    let app = routes.with_state(kinde.validator().clone()).into_router();
    let token = kinde.token().subject("kp_7").permission("read:todos").sign();
    for path in ["/even/2", "/even/3"] {
        send(&app, asking(path, Some(&token))).await;
    }
    let events = log.lock().unwrap();
    let shown = |event: usize| [0, 2, 3, 6].map(|part| events[event][part].as_deref().unwrap_or("-"));
    let rule = r#"permissions = ["read:todos"]"#;
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(shown(0), ["allowed", "/even/{id}", rule, "kp_7"]);
    assert_eq!(shown(1), ["refused", "/even/{id}", rule, "kp_7"]);
}

/// Two layers verify two tokens in one request: a middleware replaces the token, another restores it. The event of the
/// check's refusal must name the subject of the restored token, not the subject that was verified last.
#[tokio::test]
async fn a_refusal_by_a_check_names_the_caller_of_this_request() {
    #[check]
    async fn never() -> Verdict {
        Verdict::Deny
    }
    #[requires(authenticated, check = never)]
    async fn handler() {}

    let subjects = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&subjects);
    let kinde = Offline::with(SystemClock, move |builder| {
        builder.observer(move |event: &AuditEvent<'_>| {
            if event.reason().is_some() {
                seen.lock().unwrap().push(event.subject().map(str::to_owned));
            }
        })
    });
    let (caller, other) = (kinde.token().subject("kp_1").sign(), kinde.token().subject("kp_2").sign());
    let carrying = |token: &str| {
        let header: HeaderValue = format!("Bearer {token}").parse().unwrap();
        move |mut request: Request, next: Next| {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
            next.run(request)
        }
    };
    let app = Router::new()
        .route("/", on_get(handler))
        .layer(from_fn(carrying(&caller)))
        .layer(AuthLayer::authenticated(kinde.validator()))
        .layer(from_fn(carrying(&other)))
        .layer(AuthLayer::authenticated(kinde.validator()))
        .with_state(kinde.validator());
    assert_eq!(send(&app, asking("/", Some(&caller))).await.status, StatusCode::FORBIDDEN);
    assert_eq!(*subjects.lock().unwrap(), [Some("kp_1".to_owned())]);
}

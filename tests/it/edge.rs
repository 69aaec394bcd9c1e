//! The HTTP answers to refusals, checked to the letter: status, challenge, and problem body.

use axum::Router;
use axum::body::Body;
use axum::extract::{Json, Path};
use axum::routing::{get as on_get, post};
use http::{Request, StatusCode, header};
use kinde_perms::{Reason, Rejection, Validator, requires, time::SystemClock};
use kinde_perms_testkit::Offline;
use kinde_perms_tests::{Answer, get, send};
use serde_json::{Value, json};

#[requires(permissions = ["read:todos", "create:todos"], roles = ["admin"])]
async fn guarded() -> &'static str {
    "in"
}

#[requires(permissions = ["create:todos"])]
async fn create(Path(_): Path<u64>, Json(_): Json<Value>) -> &'static str {
    "created"
}

fn app(validator: Validator) -> Router {
    Router::new().route("/guarded", on_get(guarded)).route("/todos/{id}", post(create)).with_state(validator)
}

fn problem(answer: &Answer, error: &str, code: &str) {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(body["error"], error);
    assert_eq!(body["code"], code);
    assert_eq!(body["status"], answer.status.as_u16());
    assert_eq!(body["title"], answer.status.canonical_reason().unwrap());
    assert_eq!(body["type"], "about:blank");
    assert!(body["detail"].as_str().is_some_and(|detail| detail.ends_with('.')));
}

#[tokio::test]
async fn no_credentials_get_a_challenge_without_an_error() {
    let kinde = Offline::new();
    let app = app(kinde.validator());
    let mut basic = get("/guarded", None);
    basic.headers_mut().insert(header::AUTHORIZATION, "Basic dTpw".parse().unwrap());
    for request in [get("/guarded", None), basic] {
        let answer = send(&app, request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        problem(&answer, "Missing bearer token", "missing_token");
    }
}

#[tokio::test]
async fn a_malformed_header_is_an_invalid_request() {
    let kinde = Offline::new();
    let app = app(kinde.validator());
    let good = kinde.token().sign();
    let twice = Request::get("/guarded")
        .header(header::AUTHORIZATION, format!("Bearer {good}"))
        .header(header::AUTHORIZATION, format!("Bearer {good}"))
        .body(Body::empty())
        .unwrap();
    for request in [get("/guarded", Some("")), get("/guarded", Some("a b")), twice] {
        let answer = send(&app, request).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_request\"");
        problem(&answer, "Invalid request", "invalid_request");
    }
}

#[tokio::test]
async fn a_bad_token_is_invalid_and_never_reflected() {
    let kinde = Offline::new();
    let app = app(kinde.validator());
    let cases = [
        ("garbage".to_owned(), "Invalid token", "invalid_token"),
        ("a".repeat(16 * 1024 + 1), "Invalid token", "invalid_token"),
        (kinde.token().expired().sign(), "Invalid token", "expired_token"),
        (kinde.token().issuer("https://evil\"example").sign(), "Invalid token", "invalid_token"),
        (kinde.token().audience("other").sign(), "Invalid audience", "invalid_audience"),
        (kinde.token().expired().audience("other").sign(), "Invalid token", "expired_token"),
    ];
    for (token, error, code) in cases {
        let answer = send(&app, get("/guarded", Some(&token))).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        problem(&answer, error, code);
        assert!(!String::from_utf8_lossy(&answer.body).contains("evil"));
    }
}

#[tokio::test]
async fn a_denial_names_what_is_missing() {
    let kinde = Offline::new();
    let app = app(kinde.validator());
    let token = kinde.token().permission("read:todos").role("viewer").sign();
    let answer = send(&app, get("/guarded", Some(&token))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer error=\"insufficient_scope\", scope=\"create:todos\""
    );
    problem(&answer, "Forbidden", "forbidden");
    assert_eq!(answer.json()["missing"], json!({"permissions": ["create:todos"], "roles": ["admin"]}));
}

#[tokio::test]
async fn missing_keys_can_be_hidden() {
    let kinde = Offline::with(SystemClock, |builder| builder.hide_missing().hide_scope());
    let app = app(kinde.validator());
    let answer = send(&app, get("/guarded", Some(&kinde.token().sign()))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"insufficient_scope\"");
    assert_eq!(answer.json().get("missing"), None);
}

#[tokio::test]
async fn a_refusal_can_be_replaced() {
    let brand = |rejection: &Rejection| match rejection.reason() {
        Reason::NoCredentials => Some(http::Response::builder().status(418).body("teapot".into()).unwrap()),
        Reason::InvalidRequest => None,
        _ => {
            let mut response = rejection.to_response();
            response.headers_mut().insert("x-brand", "ours".parse().unwrap());
            Some(response)
        }
    };
    let kinde = Offline::with(SystemClock, |builder| builder.on_rejection(brand));
    let app = app(kinde.validator());
    let replaced = send(&app, get("/guarded", None)).await;
    assert_eq!((replaced.status.as_u16(), replaced.body.as_slice()), (418, b"teapot".as_slice()));
    let extended = send(&app, get("/guarded", Some("x"))).await;
    assert_eq!((extended.status, extended.header("x-brand")), (StatusCode::UNAUTHORIZED, "ours"));
    let kept = send(&app, get("/guarded", Some(""))).await;
    problem(&kept, "Invalid request", "invalid_request");
}

/// `to_response` inside `on_rejection` gives the default response, even of a clone.
#[tokio::test]
async fn a_replacement_cannot_call_itself() {
    let respond = |rejection: &Rejection| {
        let mut response = rejection.clone().to_response();
        response.headers_mut().insert("x-brand", "ours".parse().unwrap());
        Some(response)
    };
    let kinde = Offline::with(SystemClock, |builder| builder.on_rejection(respond));
    let answer = send(&app(kinde.validator()), get("/guarded", None)).await;
    assert_eq!((answer.status, answer.header("x-brand")), (StatusCode::UNAUTHORIZED, "ours"));
    problem(&answer, "Missing bearer token", "missing_token");
}

#[tokio::test]
async fn the_guard_answers_before_anything_else_of_the_request() {
    let kinde = Offline::new();
    let app = app(kinde.validator());
    let lacking = kinde.token().sign();
    let holding = kinde.token().permission("create:todos").sign();
    let post = |path: &str, token: Option<&str>, body: &'static str| {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request.body(Body::from(body)).unwrap()
    };
    let cases = [
        (post("/todos/1", Some(&lacking), "{not json"), 403),
        (post("/todos/x", Some(&lacking), "{}"), 403),
        (post("/todos/x", None, "{not json"), 401),
        (post("/todos/1", Some(&holding), "{not json"), 400),
        (post("/todos/x", Some(&holding), "{}"), 400),
        (post("/todos/1", Some(&holding), "{}"), 200),
        (post("/nowhere", None, "{}"), 404),
        (post("/guarded", None, "{}"), 405),
    ];
    for (request, status) in cases {
        let line = format!("{request:?}");
        assert_eq!(send(&app, request).await.status.as_u16(), status, "{line}");
    }
}

#[tokio::test]
async fn head_on_a_guarded_get_is_guarded() {
    let kinde = Offline::new();
    let app = app(kinde.validator());
    let head = |token: Option<&str>| {
        let mut request = get("/guarded", token);
        *request.method_mut() = http::Method::HEAD;
        request
    };
    assert_eq!(send(&app, head(None)).await.status, StatusCode::UNAUTHORIZED);
    let token = kinde.token().permissions(["read:todos", "create:todos"]).role("admin").sign();
    assert_eq!(send(&app, head(Some(&token))).await.status, StatusCode::OK);
}

//! Checks of a resource: the answer to each verdict, the moment at which a check runs, and the identity of a check.
//!
//! `Stage` serves two routes whose checks read a `Db`, which counts its queries.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, Json, Path, State};
use axum::routing::post;
use http::{Request, StatusCode, header};
use kinde_perms::{Claims, Validator, Verdict, check, handlers, requirement, requires};
use kinde_perms_testkit::Offline;
use kinde_perms_tests::{Answer, send};
use serde_json::Value;

/// A store in which todo 1 belongs to the caller, todo 2 to another user, and todo 9 cannot be read. Counts its queries.
#[derive(Clone, Default)]
struct Db(Arc<AtomicUsize>);

impl Db {
    fn owner_of(&self, id: u64) -> Result<Option<&'static str>, &'static str> {
        self.0.fetch_add(1, Ordering::Relaxed);
        match id {
            1 => Ok(Some("kp_1")),
            2 => Ok(Some("kp_2")),
            9 => Err("the disk is on fire"),
            _ => Ok(None),
        }
    }
}

#[derive(Clone)]
struct App {
    validator: Validator,
    db: Db,
}

impl FromRef<App> for Validator {
    fn from_ref(app: &App) -> Self {
        app.validator.clone()
    }
}

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

#[check]
async fn owns_todo(
    claims: Claims,
    Path(id): Path<u64>,
    State(db): State<Db>,
) -> Result<Verdict, &'static str> {
    Ok(match db.owner_of(id)? {
        None => Verdict::NotFound,
        Some(owner) if claims.subject() == Some(owner) => Verdict::Allow,
        Some(_) if claims.has(&requirement!(roles = ["admin"])) => Verdict::Allow,
        Some(_) => Verdict::Deny,
    })
}

#[check]
async fn is_even(Path(id): Path<u64>) -> Verdict {
    if id.is_multiple_of(2) { Verdict::Allow } else { Verdict::Deny }
}

#[requires(permissions = ["update:todos"], check = owns_todo)]
async fn update(Path(_): Path<u64>, Json(_): Json<Value>) -> &'static str {
    "updated"
}

struct Todos;

#[handlers]
impl Todos {
    #[requires(check = owns_todo)]
    #[requires(check = is_even, permissions = ["update:todos"])]
    async fn both() -> &'static str {
        "both"
    }
}

struct Stage {
    kinde: Offline,
    db: Db,
    app: Router,
}

impl Stage {
    fn new() -> Self {
        let (kinde, db) = (Offline::new(), Db::default());
        let state = App { validator: kinde.validator(), db: db.clone() };
        let app = Router::new()
            .route("/todos/{id}", post(update))
            .route("/both/{id}", post(Todos::both))
            .with_state(state);
        Self { kinde, db, app }
    }

    fn token(&self) -> String {
        self.kinde.token().subject("kp_1").permission("update:todos").role("user").sign()
    }

    async fn ask(&self, path: &str, token: Option<&str>, body: &'static str) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        send(&self.app, request.body(Body::from(body)).unwrap()).await
    }
}

#[tokio::test]
async fn each_verdict_has_its_answer() {
    let stage = Stage::new();
    let token = stage.token();
    assert_eq!(stage.ask("/todos/1", Some(&token), "{}").await.status, StatusCode::OK);
    let denied = stage.ask("/todos/2", Some(&token), "{}").await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert_eq!(denied.header("www-authenticate"), "Bearer error=\"insufficient_scope\"");
    assert_eq!(
        (&denied.json()["error"], &denied.json()["code"]),
        (&"Forbidden".into(), &"forbidden_resource".into())
    );
    let hidden = stage.ask("/todos/3", Some(&token), "{}").await;
    assert_eq!((hidden.status, hidden.header("www-authenticate")), (StatusCode::NOT_FOUND, ""));
    assert_eq!(hidden.json()["code"], "not_found");
    let admin = stage.kinde.token().subject("kp_3").permission("update:todos").role("admin").sign();
    assert_eq!(stage.ask("/todos/2", Some(&admin), "{}").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_failing_check_is_503_and_hides_its_error() {
    let stage = Stage::new();
    let answer = stage.ask("/todos/9", Some(&stage.token()), "{}").await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert_eq!(answer.json()["code"], "check_failed");
    assert!(!String::from_utf8_lossy(&answer.body).contains("fire"));
}

#[tokio::test]
async fn a_check_runs_after_the_rule_and_before_the_handlers_own_extractors() {
    let stage = Stage::new();
    let weak = stage.kinde.token().subject("kp_1").sign();
    assert_eq!(stage.ask("/todos/1", None, "{}").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.ask("/todos/1", Some(&weak), "{}").await.status, StatusCode::FORBIDDEN);
    assert_eq!(stage.db.0.load(Ordering::Relaxed), 0, "without the permission the store is not queried");
    assert_eq!(stage.ask("/todos/2", Some(&stage.token()), "{not json").await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        stage.ask("/todos/1", Some(&stage.token()), "{not json").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn the_rejection_of_a_checks_extractor_is_the_answer() {
    let stage = Stage::new();
    let answer = stage.ask("/todos/x", Some(&stage.token()), "{}").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "Axum's own rejection");
}

#[tokio::test]
async fn all_checks_must_allow() {
    let stage = Stage::new();
    let admin = stage.kinde.token().subject("kp_3").permission("update:todos").role("admin").sign();
    for (path, token, status) in [
        ("/both/1", stage.token(), 403),
        ("/both/2", stage.token(), 403),
        ("/both/3", stage.token(), 404),
        ("/both/2", admin, 200),
    ] {
        assert_eq!(stage.ask(path, Some(&token), "").await.status.as_u16(), status, "{path}");
    }
}

/// Four checks named `owns`: two in modules, two in function bodies.
mod one_name {
    use kinde_perms::access::{AccessDiff, AccessMatrix};
    use kinde_perms::routing::patch;
    use kinde_perms::{GuardedRouter, Validator, Verdict, check, requires};

    mod strict {
        use kinde_perms::{Verdict, check};

        #[check]
        pub(crate) async fn owns() -> Verdict {
            Verdict::Deny
        }
    }

    mod lax {
        use kinde_perms::{Verdict, check};

        #[check]
        pub(crate) async fn owns() -> Verdict {
            Verdict::Allow
        }
    }

    macro_rules! routes {
        ($name:ident, $($check:tt)*) => {
            fn $name() -> AccessMatrix {
                $($check)*

                #[requires(check = owns)]
                async fn change() {}

                let routes: GuardedRouter<Validator> = GuardedRouter::new().route("/", patch(change));
                // As in a pinned matrix: without handler locations, and read back from JSON.
                AccessMatrix::from_json(&routes.access().without_handlers().to_json()).unwrap()
            }
        };
    }

    routes!(strict, use strict::owns;);
    routes!(lax, use lax::owns;);
    routes!(
        strict_within,
        #[check]
        async fn owns() -> Verdict {
            Verdict::Deny
        }
    );
    routes!(
        lax_within,
        #[check]
        async fn owns() -> Verdict {
            Verdict::Allow
        }
    );

    #[test]
    fn checks_of_one_name_are_different_checks() {
        let all = [strict, lax, strict_within, lax_within];
        for (at, before) in all.iter().enumerate() {
            for (now, after) in all.iter().enumerate() {
                let (before, after) = (before(), after());
                let diff = AccessDiff::between(&before, &after);
                assert_eq!(diff.grants_access(), at != now, "{before}{after}");
            }
        }
    }
}

//! `GuardedRouter`, which accepts guarded or public routes only: its `access()` lists every route with its rule, and the
//! served router enforces that list.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, FromRequest};
use axum::routing::{MethodFilter, get as on_get};
use http::{Method, Request, StatusCode};
use kinde_perms::routing::{any, get, guarded_service, on, post, public_service};
use kinde_perms::{Guard, GuardedRouter, Rejection, Validator, public, requirement, requires};
use kinde_perms_testkit::{Offline, TokenBuilder};
use kinde_perms_tests::{get as asking, send};

#[requires(permissions = ["read:todos"])]
async fn list() -> &'static str {
    "list"
}

#[requires(roles = ["admin"], permissions = ["delete:todos", "create:todos"])]
async fn replace() -> &'static str {
    "replace"
}

#[public(reason = "a test")]
async fn open() -> &'static str {
    "open"
}

#[public(reason = "nothing is there")]
async fn nowhere() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "nowhere")
}

fn files() -> Router {
    Router::new().route("/", on_get(async || "root")).route("/{name}", on_get(async || "file"))
}

fn routes() -> GuardedRouter<Validator> {
    let inner = GuardedRouter::new().route("/", get(list)).route("/{id}", any(open).post(replace));
    let outer = GuardedRouter::new().nest("/inner", inner).fallback(list);
    GuardedRouter::new()
        .nest("/outer", outer)
        .route("/two", on(MethodFilter::PUT.or(MethodFilter::GET), open))
        .nest_service("/files", guarded_service(requirement!(permissions = ["read:files"]), files()))
        .nest_service("/free", public_service("free for all", files()))
        .route_service("/one", guarded_service(requirement!(scopes = ["one"]), on_get(async || "one")))
        .merge(GuardedRouter::new().route("/merged", post(list)))
        .method_not_allowed_fallback(open)
        .fallback(nowhere)
}

fn lines() -> Vec<String> {
    let access = routes().access();
    access.routes().iter().map(|route| format!("{route}: {}", route.access())).collect()
}

#[test]
fn access_lists_every_route_with_its_whole_path_and_its_rule_in_normal_form() {
    assert_eq!(
        lines(),
        [
            "ANY /files/{*}: permissions = [\"read:files\"]",
            "ANY /free/{*}: public: free for all",
            "POST /merged: permissions = [\"read:todos\"]",
            "OTHER /merged: public: a test",
            "ANY /one: scopes = [\"one\"]",
            "GET /outer/inner: permissions = [\"read:todos\"]",
            "OTHER /outer/inner: public: a test",
            "POST /outer/inner/{id}: permissions = [\"create:todos\", \"delete:todos\"], roles = [\"admin\"]",
            "ANY /outer/inner/{id}: public: a test",
            "GET /two: public: a test",
            "PUT /two: public: a test",
            "OTHER /two: public: a test",
            "ANY /*: public: nothing is there",
            "ANY /outer/*: permissions = [\"read:todos\"]",
        ]
    );
}

/// Axum keeps the fallbacks of nested routers only if the router between has a fallback too.
#[test]
fn access_lists_the_fallbacks_that_axum_serves() {
    let innermost = || GuardedRouter::<Validator>::new().nest("/c", GuardedRouter::new().fallback(list));
    let shown = |router: GuardedRouter<Validator>| {
        router.access().routes().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(shown(innermost()), ["ANY /c/*"]);
    assert_eq!(shown(GuardedRouter::new().nest("/b", innermost())), [""; 0]);
    let served = GuardedRouter::new().nest("/b/", innermost().fallback(open));
    assert_eq!(
        shown(served.merge(GuardedRouter::new().fallback(nowhere))),
        ["ANY /*", "ANY /b//*", "ANY /b/c/*"]
    );
}

/// `method_not_allowed_fallback` applies to paths without a fallback of their own; an existing one is kept.
#[test]
fn access_lists_one_answer_to_the_other_methods_of_a_path() {
    let one = GuardedRouter::<Validator>::new().route("/a", get(list)).method_not_allowed_fallback(list);
    let other = GuardedRouter::new().route("/b", get(list).fallback(open)).route("/c", get(list));
    let both =
        one.merge(other.route("/a", post(list))).method_not_allowed_fallback(open).route("/d", get(list));
    assert_eq!(
        both.access().routes().iter().map(|route| format!("{route}: {}", route.access())).collect::<Vec<_>>(),
        [
            "GET /a: permissions = [\"read:todos\"]",
            "POST /a: permissions = [\"read:todos\"]",
            "OTHER /a: permissions = [\"read:todos\"]",
            "GET /b: permissions = [\"read:todos\"]",
            "ANY /b: public: a test",
            "GET /c: permissions = [\"read:todos\"]",
            "OTHER /c: public: a test",
            "GET /d: permissions = [\"read:todos\"]",
        ]
    );
}

#[test]
fn access_names_the_location_of_a_handler() {
    let access = routes().access();
    let route = access.routes().iter().find(|route| route.path() == "/merged").unwrap();
    let handler = route.handler().unwrap();
    assert!(handler.name().ends_with("guarded_router::list"), "{handler}");
    assert!(handler.file().ends_with("guarded_router.rs"), "{handler}");
    let line = include_str!("guarded_router.rs").lines().position(|line| line.starts_with("async fn list("));
    assert_eq!(usize::try_from(handler.line()).unwrap(), line.unwrap() + 1);
    let service = access.routes().iter().find(|route| route.path() == "/one").unwrap().handler().unwrap();
    assert!(service.file().ends_with("guarded_router.rs"), "{service}");
}

/// The recorded rules are enforced: each route is asked with a token that meets its rule, without one, and with a bare one.
#[tokio::test]
async fn the_router_enforces_the_listed_rules() {
    let kinde = Offline::new();
    let app = routes().with_state(kinde.validator().clone()).into_router();
    let todos = kinde.token().permission("read:todos").sign();
    let files = kinde.token().permission("read:files").sign();
    let scope = kinde.token().scope("one").sign();
    for (method, path, good, body) in [
        ("GET", "/outer/inner", Some(&todos), "list"),
        ("GET", "/outer/elsewhere", Some(&todos), "list"),
        ("POST", "/merged", Some(&todos), "list"),
        ("GET", "/outer/inner/1", None, "open"),
        ("PUT", "/two", None, "open"),
        ("GET", "/merged", None, "open"),
        ("PURGE", "/outer/inner", None, "open"),
        ("GET", "/nowhere", None, "nowhere"),
        ("GET", "/files", Some(&files), "root"),
        ("GET", "/files/a", Some(&files), "file"),
        ("GET", "/free/a", None, "file"),
        ("GET", "/one", Some(&scope), "one"),
    ] {
        let ask = |token: Option<&str>| {
            let mut request = asking(path, token);
            *request.method_mut() = method.parse::<Method>().unwrap();
            send(&app, request)
        };
        let answer = ask(good.map(String::as_str)).await;
        assert_eq!(String::from_utf8_lossy(&answer.body), body, "{method} {path}");
        if good.is_some() {
            assert_eq!(ask(None).await.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(
                ask(Some(&kinde.token().sign())).await.status,
                StatusCode::FORBIDDEN,
                "{method} {path}"
            );
        }
    }
}

/// A limit of the types: a `Guard` proves that a token met the rule. A crate that implements its own `FromRequest` can
/// supply the guard of another token, but never one without a token that met the rule.
#[tokio::test]
async fn a_guard_from_a_foreign_extractor_was_granted_to_some_token() {
    #[derive(Clone)]
    struct Lending(Validator, String);

    enum Lent {}

    impl FromRef<Lending> for Validator {
        fn from_ref(state: &Lending) -> Self {
            state.0.clone()
        }
    }

    impl FromRequest<Lending, Lent> for Guard<__kinde_perms_guard_list> {
        type Rejection = Rejection;

        async fn from_request(
            _: Request<Body>,
            Lending(validator, token): &Lending,
        ) -> Result<Self, Rejection> {
            validator.grant(token).await
        }
    }

    let kinde = Offline::new();
    let app = |token: TokenBuilder| {
        let state = Lending(kinde.validator(), token.sign());
        let router =
            GuardedRouter::new().route("/", get::<_, (Lent, Guard<__kinde_perms_guard_list>), _>(list));
        router.with_state(state).into_router()
    };
    let granted = send(&app(kinde.token().permission("read:todos")), asking("/", None)).await;
    assert_eq!(granted.status, StatusCode::OK);
    assert_eq!(send(&app(kinde.token()), asking("/", None)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_later_fallback_replaces_the_earlier_one() {
    let router: GuardedRouter = GuardedRouter::new().fallback(open).fallback(nowhere);
    assert_eq!(router.access().routes().len(), 1);
    let answer = send(&router.into_router(), Request::get("/x").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.body, b"nowhere");
}

/// The rule of a nested service applies wherever Axum places the service among other routes.
#[tokio::test]
async fn other_routes_do_not_bypass_a_nested_service() {
    let kinde = Offline::new();
    let admin = || guarded_service(requirement!(permissions = ["admin"]), files());
    let inner = GuardedRouter::new()
        .nest_service("/admin", admin())
        .route("/{tenant}/settings", get(open))
        .fallback(nowhere);
    let app = GuardedRouter::new()
        .nest_service("/admin", admin())
        .route_service("/{*path}", public_service("the page", on_get(async || "page")))
        .nest("/api", inner)
        .with_state(kinde.validator())
        .into_router();
    let token = kinde.token().permission("admin").sign();
    for path in ["/admin", "/admin/", "/admin/users", "/admin/a/settings"] {
        for path in [path.to_owned(), format!("/api{path}")] {
            assert_eq!(send(&app, asking(&path, None)).await.status, StatusCode::UNAUTHORIZED, "{path}");
            let answer = send(&app, asking(&path, Some(&token))).await;
            assert!(!["page", "open", "nowhere"].map(str::as_bytes).contains(&&*answer.body), "{path}");
        }
    }
    assert_eq!(send(&app, asking("/api/a/settings", None)).await.body, b"open");
    assert_eq!(send(&app, asking("/users", None)).await.body, b"page");
}

/// Axum finds its own fallback by a private path; such a prefix would match that path.
#[test]
fn a_prefix_that_matches_the_private_fallback_path_is_refused() {
    let nested = || GuardedRouter::<Validator>::new().fallback(nowhere);
    for (prefix, is_refused) in [("/{{{x}", true), ("/{{*__private__axum_fallback}}", true), ("/a", false)] {
        let nest = std::panic::AssertUnwindSafe(|| drop(GuardedRouter::new().nest(prefix, nested())));
        assert_eq!(std::panic::catch_unwind(nest).is_err(), is_refused, "{prefix}");
    }
}

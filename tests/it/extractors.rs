//! Guards and extractors in a router: the state in which they find the validator, the verification that they share, and
//! the token to which it belongs.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, FromRequestParts, Request};
use axum::middleware::{Next, from_extractor_with_state, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kinde_perms::tower::AuthLayer;
use kinde_perms::{
    Claims, Reason, Rejection, Validator, ValidatorBuilder, handlers, public, requirement, requires,
    time::SystemClock,
};
use kinde_perms_testkit::{Offline, SigningKey};
use kinde_perms_tests::{get, send};
use serde_json::json;

#[requires(authenticated)]
async fn guarded(claims: Claims) -> String {
    claims.subject().unwrap_or("nobody").to_owned()
}

async fn optional(claims: Option<Claims>) -> String {
    claims.map_or_else(|| "anonymous".to_owned(), |claims| claims.subject().unwrap_or("nobody").to_owned())
}

async fn lenient(claims: Result<Claims, Rejection>) -> Response {
    match claims {
        Ok(claims) => claims.subject().unwrap_or("nobody").to_owned().into_response(),
        Err(rejection) if *rejection.reason() == Reason::NoCredentials => "anonymous".into_response(),
        Err(rejection) => rejection.into_response(),
    }
}

#[public(reason = "a test of the public form")]
async fn open() -> &'static str {
    "open"
}

#[derive(Clone)]
struct App {
    validator: Validator,
}

impl FromRef<App> for Validator {
    fn from_ref(app: &App) -> Self {
        app.validator.clone()
    }
}

struct Reports;

#[handlers]
impl Reports {
    #[requires(permissions = ["read:reports"])]
    async fn list() -> &'static str {
        "reports"
    }

    #[public(reason = "a test of the public form in a block")]
    async fn about() -> &'static str {
        "about"
    }
}

fn routes<S>() -> Router<S>
where
    S: kinde_perms::HasValidator + Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/guarded", on_get(guarded))
        .route("/optional", on_get(optional))
        .route("/lenient", on_get(lenient))
        .route("/open", on_get(open))
        .route("/reports", on_get(Reports::list))
        .route("/about", on_get(Reports::about))
}

async fn text(app: &Router, path: &str, token: Option<&str>) -> (u16, String) {
    let answer = send(app, get(path, token)).await;
    (answer.status.as_u16(), String::from_utf8(answer.body).unwrap())
}

#[tokio::test]
async fn the_state_is_a_validator_a_struct_or_an_arc_of_it() {
    let kinde = Offline::new();
    let app = App { validator: kinde.validator() };
    let token = kinde.token().subject("kp_1").permission("read:reports").sign();
    let routers: [Router; 3] = [
        routes().with_state(kinde.validator()),
        routes().with_state(app.clone()),
        routes().with_state(Arc::new(app)),
    ];
    for app in routers {
        assert_eq!(text(&app, "/guarded", Some(&token)).await, (200, "kp_1".into()));
        assert_eq!(text(&app, "/reports", Some(&token)).await, (200, "reports".into()));
        assert_eq!(text(&app, "/guarded", None).await.0, 401);
        assert_eq!(text(&app, "/reports", Some(&kinde.token().sign())).await.0, 403);
        assert_eq!(text(&app, "/about", None).await, (200, "about".into()));
        assert_eq!(text(&app, "/open", Some("garbage")).await, (200, "open".into()));
    }
}

#[tokio::test]
async fn optional_claims_are_absent_only_without_the_header() {
    let kinde = Offline::new();
    let app = routes().with_state(kinde.validator());
    let token = kinde.token().subject("kp_1").sign();
    assert_eq!(text(&app, "/optional", None).await, (200, "anonymous".into()));
    assert_eq!(text(&app, "/optional", Some(&token)).await, (200, "kp_1".into()));
    assert_eq!(text(&app, "/optional", Some("garbage")).await.0, 401);
    assert_eq!(text(&app, "/optional", Some("")).await.0, 400);
    let mut basic = get("/optional", None);
    basic.headers_mut().insert(header::AUTHORIZATION, "Basic dTpw".parse().unwrap());
    assert_eq!(send(&app, basic).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn lenient_claims_leave_the_refusal_to_the_handler() {
    let kinde = Offline::new();
    let app = routes().with_state(kinde.validator());
    assert_eq!(text(&app, "/lenient", None).await, (200, "anonymous".into()));
    let refused = send(&app, get("/lenient", Some("garbage"))).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.json()["code"], "invalid_token");
}

#[tokio::test]
async fn a_direct_call_needs_a_token_that_meets_the_rule() {
    let kinde = Offline::new();
    let validator = kinde.validator();
    let holding = kinde.token().permission("read:reports").sign();
    assert_eq!(Reports::list(validator.grant(&holding).await.unwrap()).await, "reports");
    assert_eq!(open(Default::default()).await, "open");
    let refused = |token: String| {
        let validator = validator.clone();
        async move {
            let Err(rejection) =
                async { Ok::<_, Rejection>(Reports::list(validator.grant(&token).await?).await) }.await
            else {
                panic!("granted")
            };
            rejection.status()
        }
    };
    assert_eq!(refused(kinde.token().sign()).await, StatusCode::FORBIDDEN);
    assert_eq!(
        refused(kinde.token().permission("read:reports").expired().sign()).await,
        StatusCode::UNAUTHORIZED
    );
}

/// Two nested routers with two audiences: a token verified for the outer audience is not thereby good for the inner one.
#[tokio::test]
async fn two_validators_on_one_request_do_not_share_a_verification() {
    let outer = Offline::new();
    let (issuer, api) = {
        let claims = outer.claims(|token| token);
        (claims.issuer().to_owned(), claims.audience().iter().next().unwrap().to_owned())
    };
    let keys = json!({"keys": [SigningKey::shared().public_jwk()]}).to_string();
    let other_api =
        Validator::builder(issuer, "https://other.example").build_with_static_keys(&keys).unwrap();
    let nested: Router<Validator> = Router::new().route("/guarded", on_get(guarded)).with_state(other_api);
    let app: Router = Router::new()
        .nest("/inner", nested)
        .layer(AuthLayer::authenticated(outer.validator()))
        .with_state(outer.validator());
    let for_outer = outer.token().sign();
    let for_both = outer.token().audiences([api.as_str(), "https://other.example"]).subject("kp_1").sign();
    assert_eq!(text(&app, "/inner/guarded", Some(&for_outer)).await.0, 401);
    assert_eq!(text(&app, "/inner/guarded", Some(&for_both)).await, (200, "kp_1".into()));
}

/// A middleware replaces the token after a layer has verified another one: the guard must verify the new token.
#[tokio::test]
async fn a_verification_is_bound_to_its_token() {
    let kinde = Offline::new();
    let weak = kinde.token().subject("kp_weak").permission("read:nothing").sign();
    let strong = kinde.token().subject("kp_real").permission("read:reports").sign();
    assert_eq!(weak.len(), strong.len(), "the two tokens must differ in bytes only");
    let exchange = move |mut request: Request, next: Next| {
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {weak}").parse().unwrap());
        next.run(request)
    };
    let app = routes()
        .layer(from_fn(exchange))
        .layer(AuthLayer::authenticated(kinde.validator()))
        .with_state(kinde.validator());
    assert_eq!(text(&app, "/guarded", Some(&strong)).await, (200, "kp_weak".into()));
    assert_eq!(text(&app, "/reports", Some(&strong)).await.0, 403);
}

/// Every extractor of a request finds the claims, not only the first.
#[tokio::test]
async fn claims_stay_in_the_request() {
    #[requires(authenticated)]
    async fn three(first: Claims, second: Claims, third: Option<Claims>) -> String {
        [Some(first), Some(second), third]
            .map(|claims| claims.and_then(|c| c.subject().map(str::to_owned)).unwrap())
            .join(" ")
    }
    async fn header(request: Request, next: Next) -> Response {
        let caller = Claims::of(&request).and_then(Claims::subject).unwrap_or("nobody").to_owned();
        let mut response = next.run(request).await;
        response.headers_mut().insert("x-caller", caller.parse().unwrap());
        response
    }
    let kinde = Offline::new();
    let app = Router::new()
        .route("/", on_get(three))
        .layer(from_fn(header))
        .layer(AuthLayer::requiring(kinde.validator(), requirement!(permissions = ["a"])))
        .with_state(kinde.validator());
    let token = kinde.token().subject("kp_1").permission("a").sign();
    let answer = send(&app, get("/", Some(&token))).await;
    assert_eq!((answer.status, answer.header("x-caller")), (StatusCode::OK, "kp_1"));
    assert_eq!(answer.body, b"kp_1 kp_1 kp_1");
}

fn with_and_without_a_cache() -> [Offline; 2] {
    [Offline::new(), Offline::with(SystemClock, ValidatorBuilder::without_cache)]
}

/// A guard or an extractor leaves no claims in the request for others; a layer does. The cache makes no difference: each
/// request is sent twice, with a cache and without.
#[tokio::test]
async fn claims_of_a_guard_or_an_extractor_are_not_published() {
    struct Told(bool);
    impl<S: Sync> FromRequestParts<S> for Told {
        type Rejection = Infallible;
        async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
            Ok(Self(Claims::of(&*parts).is_some()))
        }
    }
    #[requires(authenticated)]
    async fn handler(Told(behind_guard): Told, _: Claims, Told(behind_extractor): Told) -> String {
        format!("{behind_guard} {behind_extractor}")
    }
    for kinde in with_and_without_a_cache() {
        let (token, validator) = (kinde.token().sign(), kinde.validator());
        let inner = Router::new().route("/", on_get(handler)).with_state(validator.clone());
        let behind_layer = inner.clone().layer(AuthLayer::authenticated(validator));
        for _ in 0..2 {
            assert_eq!(text(&inner, "/", Some(&token)).await, (200, "false false".into()));
            assert_eq!(text(&behind_layer, "/", Some(&token)).await, (200, "true true".into()));
        }
    }
}

/// A layer publishes the claims even if an extractor before it has verified the token already.
#[tokio::test]
async fn a_layer_behind_an_extractor_publishes_the_claims() {
    async fn caller(request: Request) -> String {
        Claims::of(&request).and_then(Claims::subject).unwrap_or("nobody").to_owned()
    }
    for kinde in with_and_without_a_cache() {
        let (token, validator) = (kinde.token().subject("kp_1").sign(), kinde.validator());
        let app = Router::new()
            .route("/", on_get(caller))
            .layer(AuthLayer::authenticated(validator.clone()))
            .layer(from_extractor_with_state::<Claims, _>(validator));
        assert_eq!(text(&app, "/", Some(&token)).await, (200, "kp_1".into()));
    }
}

/// A change of the headers by a layer between authentication and handler; the second argument is another good token.
type Change = fn(&mut HeaderMap, HeaderValue);

const CHANGES: [(Change, &str, &str); 6] = [
    (|_, _| {}, "kp_one", "kp_one"),
    (
        |headers, _| {
            let same = headers[AUTHORIZATION].as_bytes().to_vec();
            headers.insert(AUTHORIZATION, HeaderValue::from_bytes(&same).unwrap());
        },
        "kp_one",
        "kp_one",
    ),
    (|headers, _| drop(headers.remove(AUTHORIZATION)), "nobody", "nobody"),
    (|headers, other| drop(headers.insert(AUTHORIZATION, other)), "nobody", "kp_other"),
    (
        |headers, other| {
            headers.append(AUTHORIZATION, other);
        },
        "nobody",
        "refused",
    ),
    (
        |headers, _| drop(headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic eDp5"))),
        "nobody",
        "refused",
    ),
];

/// `Claims::of` returns the claims only while the request carries the token that was verified. `CHANGES` lists the
/// subject found behind one layer, and behind a second layer that verifies the changed header.
#[tokio::test]
async fn claims_belong_to_the_current_header() {
    async fn caller(request: Request) -> String {
        let by_request = Claims::of(&request).and_then(Claims::subject).map(str::to_owned);
        let (parts, _) = request.into_parts();
        let by_parts = Claims::of(&parts).and_then(Claims::subject);
        let apart = Claims::of((&parts.headers, &parts.extensions)).and_then(Claims::subject);
        assert_eq!((by_request.as_deref(), by_parts), (apart, apart));
        apart.unwrap_or("nobody").to_owned()
    }
    let kinde = Offline::new();
    let [one, other] = ["kp_one", "kp_other"].map(|subject| kinde.token().subject(subject).sign());
    let other = HeaderValue::try_from(format!("Bearer {other}")).unwrap();
    for (at, (change, behind, behind_another_layer)) in CHANGES.into_iter().enumerate() {
        let other = other.clone();
        let changed = from_fn(move |mut request: Request, next: Next| {
            change(request.headers_mut(), other.clone());
            next.run(request)
        });
        let app: Router = Router::new().route("/", on_get(caller));
        let first = AuthLayer::authenticated(kinde.validator());
        let one_layer = app.clone().layer(changed.clone()).layer(first.clone());
        assert_eq!(text(&one_layer, "/", Some(&one)).await, (200, behind.into()), "change {at}");
        let two_layers = app.layer(AuthLayer::optional(kinde.validator())).layer(changed).layer(first);
        let told = match text(&two_layers, "/", Some(&one)).await {
            (200, told) => told,
            (_, _) => "refused".to_owned(),
        };
        assert_eq!(told, behind_another_layer, "change {at}");
    }
}

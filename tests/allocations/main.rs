//! Counts allocations: of a guard whose token is in the cache, and (`rubbish`) of refusing a bad token. The counting
//! allocator counts for a whole binary, so these tests have their own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unused_async,
    reason = "a test that cannot go on fails, in its helpers too; handlers are async by form"
)]

mod rubbish;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use http::{Request, StatusCode};
use kinde_perms::{Claims, Requirement, requirement, requires};
use kinde_perms_testkit::Offline;
use kinde_perms_tests::get;
use tower::ServiceExt;

const RULE: Requirement =
    requirement!(permissions = ["p0"], not(permissions = ["q"]), any(roles = ["admin"], scopes = ["openid"]));

#[requires(permissions = ["p0"])]
async fn guarded() -> &'static str {
    "ok"
}

#[requires(permissions = ["p0"])]
async fn guarded_twice(_: Claims) -> &'static str {
    "ok"
}

async fn bare() -> &'static str {
    "ok"
}

/// Returns the output of a future that is ready at the first poll.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("with fixed keys nothing waits"),
    }
}

/// Returns the number of allocations of a request to `path`, without those of the request itself.
fn allocations(app: &Router, request: impl Fn() -> Request<Body>) -> u64 {
    let ask = || {
        let (app, request) = (app.clone(), request());
        // The header values of a real server share its read buffer. A value made from a text becomes shared with its first
        // clone, which allocates, so this clone is made before counting.
        let _share = request.headers().get("authorization").cloned();
        let mut status = StatusCode::IM_A_TEAPOT;
        let counted = measure(|| status = at_once(app.oneshot(request)).unwrap().status());
        assert_eq!(status, StatusCode::OK);
        counted.count_total
    };
    // The first requests fill the cache.
    [ask(), ask(), ask()][2]
}

fn claims(permissions: usize) -> Claims {
    let keys: Vec<String> = (0..permissions).map(|number| format!("p{number}")).collect();
    Offline::new().claims(|token| token.permissions(keys.iter().map(String::as_str)).role("admin"))
}

#[test]
fn a_guard_whose_token_is_known_allocates_nothing() {
    let offline = Offline::new();
    let token = offline.token().permission("p0").sign();
    let app = Router::new()
        .route("/bare", on_get(bare))
        .route("/guarded", on_get(guarded))
        .route("/twice", on_get(guarded_twice))
        .with_state(offline.validator());
    let [bare, guarded, twice] =
        ["/bare", "/guarded", "/twice"].map(|path| allocations(&app, || get(path, Some(&token))));
    assert_eq!(guarded, bare);
    assert_eq!(twice, guarded, "nor does an extractor behind the guard");
}

#[test]
fn a_rule_that_holds_allocates_nothing_however_many_permissions_there_are() {
    for permissions in [1, 10, 1000] {
        let claims = claims(permissions);
        let mut holds = false;
        let counted = measure(|| holds = claims.has(&RULE) && claims.require(&RULE).is_ok());
        assert!(holds);
        assert_eq!(counted.count_total, 0, "{permissions} permissions");
    }
}

#[test]
fn a_known_token_is_recalled_without_an_allocation() {
    let offline = Offline::new();
    let (validator, token) = (offline.validator(), offline.token().sign());
    let verify = || at_once(validator.verify(&token)).is_ok();
    assert!(verify() && verify());
    let counted = measure(|| assert!(verify()));
    assert_eq!(counted.count_total, 0);
}

#[test]
fn the_bytes_of_the_cache_are_counted_about_right() {
    for permissions in [0, 10, 100] {
        let offline = Offline::new();
        let keys: Vec<String> = (0..permissions).map(|number| format!("create:item{number}")).collect();
        let token = || offline.token().permissions(keys.iter().map(String::as_str)).role("admin").sign();
        let (validator, tokens) = (offline.validator(), (0..64).map(|_| token()).collect::<Vec<_>>());
        assert!(at_once(validator.verify(&token())).is_ok());
        let before = validator.cache_stats().unwrap().bytes;
        let kept =
            measure(|| tokens.iter().for_each(|token| assert!(at_once(validator.verify(token)).is_ok())));
        let kept = usize::try_from(kept.bytes_current).unwrap();
        let counted = validator.cache_stats().unwrap().bytes.saturating_sub(before);
        // Unused handles are counted too, so the bound is on the safe side.
        assert!(counted >= kept && counted <= kept.saturating_mul(2), "{permissions}: {counted} for {kept}");
    }
}

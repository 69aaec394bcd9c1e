//! The API under attack: a real server on loopback, guarded by the real extractors.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::routing::{get, post};
use kinde_perms::tower::AuthLayer;
use kinde_perms::{Claims, Validator, requires};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

/// An API that is being served.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    handled: Handled,
}

#[derive(Clone, FromRef)]
struct App {
    validator: Validator,
    handled: Handled,
}

/// Counts the requests that reach a handler.
#[derive(Clone, Debug)]
struct Handled(Arc<AtomicU64>);

impl Handled {
    fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Site {
    /// Serves the API until the runtime ends.
    pub(crate) async fn serve(validator: &Validator) -> Self {
        Self::of(|handled| routes().with_state(App { validator: validator.clone(), handled })).await
    }

    /// Serves an API whose layer uses one validator, and within it a router that uses another.
    pub(crate) async fn nested(outer: &Validator, inner: &Validator) -> Self {
        let route = |path: &str, validator: &Validator, handled: &Handled| {
            let app = App { validator: validator.clone(), handled: handled.clone() };
            Router::new().route(path, get(me)).with_state(app)
        };
        Self::of(|handled| {
            let routes = route("/outer", outer, &handled).merge(route("/inner", inner, &handled));
            routes.layer(AuthLayer::authenticated(outer.clone()))
        })
        .await
    }

    async fn of(router: impl FnOnce(Handled) -> Router) -> Self {
        let handled = Handled(Arc::new(AtomicU64::new(0)));
        let router = router(handled.clone());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, handled }
    }

    /// Returns how many requests have reached a handler.
    pub(crate) fn handled(&self) -> u64 {
        self.handled.0.load(Ordering::Relaxed)
    }
}

fn routes() -> Router<App> {
    Router::new()
        .route("/me", get(me))
        .route("/maybe", get(maybe))
        .route("/todos", get(list).post(create))
        .route("/todos/{id}", get(list).delete(delete))
        .route("/admin", get(administer))
        .route("/org", get(organisation))
        .route("/read", get(read))
        .route("/write", get(write))
        .route("/guest", get(not_a_guest))
        .route("/user", get(user))
        .nest("/shared", Router::new().route("/todos", post(create)).layer(CorsLayer::permissive()))
}

async fn me(claims: Claims, State(handled): State<Handled>) -> String {
    handled.note();
    claims.subject().unwrap_or("a machine").to_owned()
}

async fn maybe(claims: Option<Claims>, State(handled): State<Handled>) -> &'static str {
    handled.note();
    if claims.is_some() { "somebody" } else { "nobody" }
}

#[requires(permissions = ["read:todos"])]
async fn list(State(handled): State<Handled>) {
    handled.note();
}

#[requires(permissions = ["create:todos"])]
async fn create(State(handled): State<Handled>, body: String) -> String {
    handled.note();
    body
}

#[requires(permissions = ["delete:todos"])]
async fn delete(State(handled): State<Handled>, Path(_id): Path<String>) {
    handled.note();
}

#[requires(roles = ["admin"])]
async fn administer(State(handled): State<Handled>) {
    handled.note();
}

#[requires(org = "org_8f3c1d5e7a2")]
async fn organisation(State(handled): State<Handled>) {
    handled.note();
}

#[requires(scopes = ["read:a"])]
async fn read(State(handled): State<Handled>) {
    handled.note();
}

#[requires(scopes = ["write:b"])]
async fn write(State(handled): State<Handled>) {
    handled.note();
}

#[requires(not(roles = ["guest"]))]
async fn not_a_guest(State(handled): State<Handled>) {
    handled.note();
}

#[requires(principal = user)]
async fn user(State(handled): State<Handled>) {
    handled.note();
}

//! Every kind of handler, every way to add one.
#![deny(warnings)]
#![allow(
    clippy::just_underscores_and_digits,
    clippy::multiple_bound_locations,
    clippy::too_many_arguments,
    reason = "about the signatures of the cases"
)]

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::handler::Handler;
use axum::routing::MethodFilter;
use kinde_perms::routing::{any, delete, get, guarded_service, on, patch, post, public_service, put};
use kinde_perms::{Claims, GuardedRouter, Validator, handlers, public, requirement, requires};

#[derive(Clone)]
struct Db;

struct App {
    validator: Validator,
    db: Db,
}

impl FromRef<App> for Validator {
    fn from_ref(app: &App) -> Self {
        app.validator.clone()
    }
}

impl FromRef<Arc<App>> for Db {
    fn from_ref(app: &Arc<App>) -> Self {
        app.db.clone()
    }
}

#[requires(permissions = ["read:todos"])]
async fn alone() {}

#[requires(permissions = ["read:todos"])]
async fn with_state(State(_db): State<Db>, Path(_id): Path<u64>) {}

#[requires(permissions = ["create:todos"])]
async fn with_body(_claims: Claims, _title: String) -> Result<String, kinde_perms::Rejection> {
    Ok(String::new())
}

#[requires(authenticated)]
async fn generic<T: Default + Send + 'static>(_: Claims) -> String
where
    T: ToString,
{
    T::default().to_string()
}

#[requires(authenticated)]
async fn full(
    _1: Claims,
    _2: Claims,
    _3: Claims,
    _4: Claims,
    _5: Claims,
    _6: Claims,
    _7: Claims,
    _8: Claims,
    _9: Claims,
    _10: Claims,
    _11: Claims,
    _12: Claims,
    _13: Claims,
    _14: Claims,
    _15: String,
) {
}

#[public(reason = "load balancers ask without a token")]
async fn health() {}

struct Todos;

#[handlers]
impl Todos {
    #[requires(permissions = ["read:todos"])]
    async fn list(State(_db): State<Db>) {}
}

fn nested() -> GuardedRouter<Arc<App>> {
    GuardedRouter::new().route("/", get(alone)).fallback(health)
}

fn routes() -> GuardedRouter<Arc<App>> {
    GuardedRouter::new()
        .route(
            "/a",
            get(alone).post(with_body).put(alone).patch(alone).delete(alone).head(alone).options(alone),
        )
        .route("/b/{id}", get(with_state))
        .route("/c", post(with_body).merge(put(alone)))
        .route("/d", patch(generic::<u8>))
        .route("/e", delete(full))
        .route("/f", any(health).get(Todos::list))
        .route("/g", on(MethodFilter::GET.or(MethodFilter::POST), alone).fallback(health))
        .route_service("/h", guarded_service(requirement!(roles = ["admin"]), Router::new()))
        .nest_service("/i", public_service("files for everyone", Router::new()))
        .nest("/j", nested())
        .merge(GuardedRouter::new().route("/k", get(health)))
        .fallback(health)
        .method_not_allowed_fallback(health)
}

pub(crate) fn main() {
    let _: fn(App) -> Router = |app| routes().with_state(Arc::new(app)).into_router();
    // Without a guard there is no need for a validator.
    let _: GuardedRouter = GuardedRouter::new().route("/", get(health));
    // Layers of one handler leave it a guarded handler.
    let layered = get(alone.layer(tower::layer::util::Identity::new()));
    let layered: GuardedRouter<Arc<App>> = GuardedRouter::new().route("/", layered);
    assert_eq!(layered.access().routes().len(), 1);
    assert_eq!(routes().access().routes().len(), 30);
}

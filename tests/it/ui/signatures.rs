//! Generics, where clauses, attributes, return types and every other argument stay as they are.
#![deny(warnings)]
#![allow(unreachable_pub, reason = "the case is a module of the integration tests")]
#![allow(clippy::double_must_use, reason = "about the attributes of the cases")]

use axum::body::Body;
use axum::extract::{FromRef, Path, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router, debug_handler};
use kinde_perms::{Claims, Validator, requires};

#[derive(Clone, FromRef)]
struct App {
    validator: Validator,
    db: Db,
}

#[derive(Clone)]
struct Db;

trait Store: Clone + Send + Sync + 'static {}
impl Store for Db {}

/// Documented.
#[requires(permissions = ["a"])]
#[must_use]
#[allow(clippy::unused_async, reason = "kept below the guard")]
async fn generic<S, const N: usize>(
    State(_store): State<S>,
    Path(_id): Path<u64>,
) -> Result<Json<u64>, StatusCode>
where
    S: Store,
{
    let id: u64 = u64::try_from(N).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(Json(id))
}

#[requires(permissions = ["a"])]
async fn request_last(
    State(_db): State<Db>,
    _claims: Claims,
    mut request: Request<Body>,
) -> impl IntoResponse {
    *request.body_mut() = Body::empty();
    request.uri().to_string()
}

#[requires(permissions = ["a"])]
#[debug_handler]
async fn debugged(State(app): State<App>) -> Result<(), StatusCode> {
    let _: App = app;
    Ok(())
}

#[requires(permissions = ["a"])]
async fn mutable(mut parts: axum::http::request::Parts, (): ()) -> &'static str {
    parts.headers.clear();
    "raw"
}

#[requires(authenticated)]
pub async fn r#match() {}

async fn direct_call(validator: &Validator, db: Db) -> Result<(), kinde_perms::Rejection> {
    let _ = generic::<Db, 3>(validator.grant("token").await?, State(db), Path(1)).await;
    r#match(validator.grant("token").await?).await;
    Ok(())
}

pub(crate) fn main() {
    let app: Router<App> = Router::new()
        .route("/generic", get(generic::<Db, 3>))
        .route("/request", post(request_last))
        .route("/debugged", get(debugged))
        .route("/mutable", get(|| async {}))
        .route("/match", get(r#match));
    let _ = |validator| app.with_state::<()>(App { validator, db: Db });
    let _ = (mutable, direct_call);
}

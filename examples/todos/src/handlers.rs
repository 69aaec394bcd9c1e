//! One function per route; the line above it says who may use it.

use axum::extract::{Json, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::LOCATION;
use kinde_perms::{Claims, public, requires};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::ApiError;
use crate::extract::{Body, Caller, Segment, TodoId};
use crate::store::{Change, Creator, Store, Todo};

const MAX_TITLE_CHARS: usize = 200;

#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct NewTodo {
    title: String,
}

/// A field may be left out, and stays as it is; `null` is no title.
#[derive(Deserialize)]
pub(crate) struct TodoChange {
    #[serde(default, deserialize_with = "present")]
    title: Option<String>,
    #[serde(default, deserialize_with = "present")]
    done: Option<bool>,
}

#[public(reason = "load balancers ask without a token")]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

#[requires(permissions = ["read:todos"])]
pub(crate) async fn list_todos(
    State(store): State<Store>,
    caller: Caller,
) -> Result<Json<Vec<Todo>>, ApiError> {
    Ok(Json(store.list(caller.owner).await?))
}

#[requires(permissions = ["create:todos"])]
pub(crate) async fn create_todo(
    State(store): State<Store>,
    caller: Caller,
    Body(new): Body<NewTodo>,
) -> Result<impl IntoResponse, ApiError> {
    let todo = store.create(caller.owner, caller.id, title(new.title)?).await?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/todos/{}", todo.id))], Json(todo)))
}

#[requires(permissions = ["update:todos"])]
pub(crate) async fn update_todo(
    State(store): State<Store>,
    caller: Caller,
    TodoId(id): TodoId,
    Body(change): Body<TodoChange>,
) -> Result<Json<Todo>, ApiError> {
    let change = Change { title: change.title.map(title).transpose()?, done: change.done };
    store.update(caller.owner, id, change).await?.map(Json).ok_or(ApiError::NoSuchTodo)
}

#[requires(permissions = ["delete:todos"], roles = ["admin"])]
pub(crate) async fn delete_todo(
    State(store): State<Store>,
    caller: Caller,
    TodoId(id): TodoId,
) -> Result<StatusCode, ApiError> {
    let deleted = store.delete(caller.owner, id).await?;
    deleted.then_some(StatusCode::NO_CONTENT).ok_or(ApiError::NoSuchTodo)
}

#[requires(permissions = ["manage:users"], roles = ["admin"])]
pub(crate) async fn list_users(
    State(store): State<Store>,
    caller: Caller,
) -> Result<Json<Vec<Creator>>, ApiError> {
    Ok(Json(store.creators(caller.owner).await?))
}

#[requires(authenticated)]
pub(crate) async fn my_permissions(claims: Claims) -> Response {
    Json(claims.permissions()).into_response()
}

#[requires(authenticated)]
pub(crate) async fn my_permission(claims: Claims, Segment(key): Segment) -> Response {
    Json(claims.permission(&key)).into_response()
}

#[public(reason = "it says only that there is nothing")]
pub(crate) async fn unknown_path() -> ApiError {
    ApiError::UnknownPath
}

#[public(reason = "it says only that there is nothing")]
pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed
}

/// Stored as given, but never blank. Characters are Unicode scalar values, as in SQLite's `length`.
fn title(text: String) -> Result<String, ApiError> {
    if text.trim().is_empty() {
        return Err(ApiError::EmptyTitle);
    }
    if text.chars().count() > MAX_TITLE_CHARS {
        return Err(ApiError::TitleTooLong);
    }
    Ok(text)
}

fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

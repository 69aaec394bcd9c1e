//! One function per route; the attribute above it is its rule.

use axum::extract::{Json, State};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::LOCATION;
use kinde_perms::access::Format;
use kinde_perms::{Claims, Verdict, check, public, requirement, requires};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{Body, Caller, Segment, TodoId};
use crate::openapi;
use crate::store::{Change, Creator, Store, StoreError, Todo};

const MAX_TITLE_CHARS: usize = 200;

#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct NewTodo {
    title: String,
}

/// A field may be left out, and stays as it is; `null` is no title.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TodoChange {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    title: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    done: Option<bool>,
}

/// Says that the server is up.
#[public(reason = "load balancers ask without a token")]
#[utoipa::path(get, path = "/health", responses((status = 200, description = "It serves", body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Lists the todos of the organization.
#[requires(permissions = ["read:todos"])]
#[utoipa::path(
    get, path = "/todos",
    responses((status = 200, description = "The todos of the organization", body = [Todo]))
)]
pub(crate) async fn list_todos(
    State(store): State<Store>,
    caller: Caller,
) -> Result<Json<Vec<Todo>>, ApiError> {
    Ok(Json(store.list(caller.owner).await?))
}

/// Creates a todo.
#[requires(permissions = ["create:todos"])]
#[utoipa::path(
    post, path = "/todos", request_body = NewTodo,
    responses(
        (status = 201, description = "The todo", body = Todo,
            headers(("Location" = String, description = "Where it is"))),
        (status = 400, description = "The id or the body cannot be read"),
        (status = 422, description = "The title is empty or too long"),
    )
)]
pub(crate) async fn create_todo(
    State(store): State<Store>,
    caller: Caller,
    Body(new): Body<NewTodo>,
) -> Result<impl IntoResponse, ApiError> {
    let todo = store.create(caller.owner, caller.id, title(new.title)?).await?;
    Ok((StatusCode::CREATED, [(LOCATION, format!("/todos/{}", todo.id))], Json(todo)))
}

/// The creator of a todo and an admin may change it. For other organizations it does not exist.
#[check]
async fn may_change(
    State(store): State<Store>,
    claims: Claims,
    caller: Caller,
    TodoId(id): TodoId,
) -> Result<Verdict, StoreError> {
    Ok(match store.creator_of(caller.owner, id).await? {
        None => Verdict::NotFound,
        Some(creator) if creator == caller.id => Verdict::Allow,
        Some(_) if claims.has(&requirement!(roles = ["admin"])) => Verdict::Allow,
        Some(_) => Verdict::Deny,
    })
}

/// Changes the title of a todo, or whether it is done.
#[requires(permissions = ["update:todos"], check = may_change)]
#[utoipa::path(
    patch, path = "/todos/{id}", params(("id" = u64, Path)), request_body = TodoChange,
    responses(
        (status = 200, description = "The todo", body = Todo),
        (status = 400, description = "The id or the body cannot be read"),
        (status = 404, description = "There is no such todo"),
        (status = 422, description = "The title is empty or too long"),
    )
)]
pub(crate) async fn update_todo(
    State(store): State<Store>,
    caller: Caller,
    TodoId(id): TodoId,
    Body(change): Body<TodoChange>,
) -> Result<Json<Todo>, ApiError> {
    let change = Change { title: change.title.map(title).transpose()?, done: change.done };
    store.update(caller.owner, id, change).await?.map(Json).ok_or(ApiError::NoSuchTodo)
}

/// Deletes a todo.
#[requires(permissions = ["delete:todos"], roles = ["admin"])]
#[utoipa::path(
    delete, path = "/todos/{id}", params(("id" = u64, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "The id or the body cannot be read"),
        (status = 404, description = "There is no such todo"),
    )
)]
pub(crate) async fn delete_todo(
    State(store): State<Store>,
    caller: Caller,
    TodoId(id): TodoId,
) -> Result<StatusCode, ApiError> {
    let deleted = store.delete(caller.owner, id).await?;
    deleted.then_some(StatusCode::NO_CONTENT).ok_or(ApiError::NoSuchTodo)
}

/// Lists the creators of todos with their numbers of todos.
#[requires(permissions = ["manage:users"], roles = ["admin"])]
#[utoipa::path(
    get, path = "/admin/users",
    responses((status = 200, description = "Who created how many", body = [Creator]))
)]
pub(crate) async fn list_users(
    State(store): State<Store>,
    caller: Caller,
) -> Result<Json<Vec<Creator>>, ApiError> {
    Ok(Json(store.creators(caller.owner).await?))
}

/// Lists the permissions of the caller.
#[requires(authenticated)]
#[utoipa::path(
    get, path = "/me/permissions",
    responses((status = 200, description = "As Kinde's SDKs answer it", body = Object))
)]
pub(crate) async fn my_permissions(claims: Claims) -> Response {
    Json(claims.permissions()).into_response()
}

/// Returns a permission, and whether the caller holds it.
#[requires(authenticated)]
#[utoipa::path(
    get, path = "/me/permissions/{key}", params(("key" = String, Path)),
    responses((status = 200, description = "As Kinde's SDKs answer it", body = Object))
)]
pub(crate) async fn my_permission(claims: Claims, Segment(key): Segment) -> Response {
    Json(claims.permission(&key)).into_response()
}

#[public(reason = "the routes are no secret")]
pub(crate) async fn document() -> Response {
    Json(openapi::document()).into_response()
}

#[public(reason = "the routes are no secret")]
pub(crate) async fn documentation() -> Html<String> {
    Html(crate::access().render(Format::Html))
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

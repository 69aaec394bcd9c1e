//! Everything that can go wrong after the guard, as RFC 9457 bodies in the style of the guard's own.

use std::io;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use kinde_perms::Rejection;
use serde::Serialize;

use crate::store::StoreError;

/// Why a request failed after its guard allowed it.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The id in the path is not a positive integer.
    InvalidId,
    /// A part of the path is not UTF-8.
    InvalidPath,
    /// The body is not JSON at all.
    MalformedJson,
    /// The body is JSON, but not the object that the route takes.
    UnexpectedJson,
    /// The body is said to be something else than JSON.
    NotJson,
    /// The body is longer than Axum's limit.
    BodyTooLarge,
    /// The title is empty, or nothing but white space.
    EmptyTitle,
    /// The title has more characters than fit.
    TitleTooLong,
    /// The caller has no such todo: it does not exist, or belongs to another owner.
    NoSuchTodo,
    /// No route has this path.
    UnknownPath,
    /// The route does not take this method.
    MethodNotAllowed,
    /// The token names no owner of todos.
    Nobody,
    /// The token itself was refused.
    Refused(Rejection),
    /// The database did not answer.
    Store(StoreError),
    /// A file of the front end could not be read.
    File(io::Error),
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidId | Self::InvalidPath | Self::MalformedJson => StatusCode::BAD_REQUEST,
            Self::Nobody => StatusCode::FORBIDDEN,
            Self::NoSuchTodo | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UnexpectedJson | Self::EmptyTitle | Self::TitleTooLong => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(_) | Self::File(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Refused(rejection) => rejection.status(),
        }
    }

    /// A stable `code` for programs and a sentence for people. Both are fixed: nothing of the request is reflected.
    fn texts(&self) -> (&'static str, &'static str) {
        match self {
            Self::InvalidId => ("invalid_id", "The id in the path must be a positive integer."),
            Self::InvalidPath => ("invalid_path", "The path must be percent-encoded UTF-8."),
            Self::MalformedJson => ("malformed_json", "The body could not be read as JSON."),
            Self::UnexpectedJson => {
                ("unexpected_json", "The body must be an object with the documented fields.")
            }
            Self::NotJson => ("not_json", "The body must be sent as application/json."),
            Self::BodyTooLarge => ("body_too_large", "The body is too large."),
            Self::EmptyTitle => ("empty_title", "The title must not be empty."),
            Self::TitleTooLong => ("title_too_long", "The title must have at most 200 characters."),
            Self::NoSuchTodo => ("no_such_todo", "There is no todo with this id."),
            Self::UnknownPath => ("unknown_path", "There is nothing at this path."),
            Self::MethodNotAllowed => ("method_not_allowed", "This path does not take this method."),
            Self::Nobody => ("nobody", "The token names nobody who could own a todo."),
            Self::Store(_) => ("storage", "The todos could not be read or written."),
            Self::File(_) => ("file", "The page could not be read."),
            Self::Refused(rejection) => (rejection.code(), "The token was refused."),
        }
    }
}

/// A problem body with the members that the guard's own have.
#[derive(Serialize)]
struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    error: &'static str,
    code: &'static str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(rejection) => return rejection.into_response(),
            Self::Store(ref error) => tracing::error!(%error, "the database did not answer"),
            Self::File(ref error) => tracing::error!(%error, "a file of the front end could not be read"),
            _ => {}
        }
        let status = self.status();
        let (code, detail) = self.texts();
        let error = status.canonical_reason().unwrap_or(code);
        let body =
            Problem { r#type: "about:blank", title: error, status: status.as_u16(), detail, error, code };
        (status, [(CONTENT_TYPE, "application/problem+json")], Json(body)).into_response()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::NotJson,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNPROCESSABLE_ENTITY => Self::UnexpectedJson,
            _ => Self::MalformedJson,
        }
    }
}

//! Extractors whose rejections are problem bodies. They run after the guard, regardless of their order.

use axum::extract::{FromRequest, FromRequestParts, Json, Path, Request};
use http::request::Parts;
use kinde_perms::Claims;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::App;
use crate::error::ApiError;
use crate::store::Owner;

/// The caller, and the owner whose todos the caller sees.
pub(crate) struct Caller {
    /// The user, or the application when no user stands behind the token.
    pub(crate) id: String,
    pub(crate) owner: Owner,
}

impl Caller {
    fn of(claims: &Claims) -> Option<Self> {
        let user = claims.subject().filter(|id| !id.is_empty());
        let machine = claims.authorized_party().filter(|id| !id.is_empty());
        let organization = claims.org_code().filter(|code| !code.is_empty());
        let (id, alone) = match user {
            Some(id) => (id, Owner::user(id)),
            None => machine.map(|id| (id, Owner::machine(id)))?,
        };
        Some(Self { id: id.to_owned(), owner: organization.map_or(alone, Owner::organization) })
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let claims = Claims::from_request_parts(parts, app).await.map_err(ApiError::Refused)?;
        Self::of(&claims).ok_or(ApiError::Nobody)
    }
}

/// The only `{…}` of a path, percent-decoded.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::from_request_parts(parts, state).await.map_err(|_| ApiError::InvalidPath)?;
        Ok(Self(text))
    }
}

/// The id of a todo, from the path.
pub(crate) struct TodoId(pub(crate) i64);

impl<S: Send + Sync> FromRequestParts<S> for TodoId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Segment(text) = Segment::from_request_parts(parts, state).await?;
        // Only the spelling that `Location` gave: `+1` and `01` are no second names of todo 1.
        let id = text.parse().ok().filter(|id: &i64| *id > 0 && id.to_string() == text);
        id.map(Self).ok_or(ApiError::InvalidId)
    }
}

/// A JSON object as the body.
///
/// It is parsed in two steps. Read straight into a struct, `["milk"]` would pass for `{"title":"milk"}`, and
/// a wrong type early in the text would hide that the rest is no JSON at all.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Json(value) = Json::<Value>::from_request(request, state).await?;
        let object = Some(value).filter(Value::is_object).ok_or(ApiError::UnexpectedJson)?;
        T::deserialize(object).map(Self).map_err(|_| ApiError::UnexpectedJson)
    }
}

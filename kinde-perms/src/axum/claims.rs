//! `Claims` as an extractor, required and optional.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::HasValidator;
use crate::http::Telling;
use crate::{Claims, Rejection};

impl<S> FromRequestParts<S> for Claims
where
    S: HasValidator + Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let validator = state.validator();
        validator.find_out(&parts.headers, &mut parts.extensions, Telling::Ourselves).await
    }
}

/// `None` only when the request has no Authorization header: a bad one is refused as a guard would refuse it.
impl<S> OptionalFromRequestParts<S> for Claims
where
    S: HasValidator + Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Self::Rejection> {
        let validator = state.validator();
        validator.find_out_if_present(&parts.headers, &mut parts.extensions, Telling::Ourselves).await
    }
}

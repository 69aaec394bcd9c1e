//! `Claims` as an extractor, required and optional.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::HasValidator;
use crate::edge::Visibility;
use crate::{Claims, Rejection};

impl<S> FromRequestParts<S> for Claims
where
    S: HasValidator + Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let validator = state.validator();
        validator.authenticate_with(&parts.headers, &mut parts.extensions, Visibility::Internal).await
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
        validator
            .authenticate_if_present_with(&parts.headers, &mut parts.extensions, Visibility::Internal)
            .await
    }
}

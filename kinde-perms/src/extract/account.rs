//! `Account` as an extractor.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::HasValidator;
use crate::{Account, Rejection};

/// Verifies the request's bearer token, or reuses the claims that a guard has verified. A method of `Account` asks Kinde
/// when it is called.
impl<S> FromRequestParts<S> for Account
where
    S: HasValidator + Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        state.validator().authenticate_account(&parts.headers, &mut parts.extensions).await
    }
}

//! The service.

use std::mem;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::{ResponseBody, ResponseFuture};
use crate::{Rejection, Requirement, Validator};

/// The service that [`AuthLayer`](super::AuthLayer) makes.
#[derive(Clone, Debug)]
pub struct Auth<S> {
    inner: S,
    validator: Validator,
    policy: LayerPolicy,
}

/// The tokens that an [`AuthLayer`](super::AuthLayer) asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum LayerPolicy {
    /// A valid token, or no Authorization header at all.
    Optional,
    /// A valid token that meets the rule.
    Required(Requirement),
}

impl<S> Auth<S> {
    pub(super) fn new(inner: S, validator: Validator, policy: LayerPolicy) -> Self {
        Self { inner, validator, policy }
    }
}

impl<S, B, R> Service<Request<B>> for Auth<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    B: Send + 'static,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The instance that was polled ready must be the one that is called; the fresh clone takes its place.
        let fresh = self.inner.clone();
        let ready = mem::replace(&mut self.inner, fresh);
        let (validator, policy) = (self.validator.clone(), self.policy);
        ResponseFuture::new(Box::pin(admit(validator, policy, request)), ready)
    }
}

/// Returns the request with the verified claims in its extensions, or the rejection.
async fn admit<B>(
    validator: Validator,
    policy: LayerPolicy,
    request: Request<B>,
) -> Result<Request<B>, Rejection> {
    let (mut parts, body) = request.into_parts();
    match policy {
        LayerPolicy::Optional => {
            validator.authenticate_if_present(&parts.headers, &mut parts.extensions).await?;
        }
        LayerPolicy::Required(requirement) => {
            validator.admit(&mut parts, &requirement).await?;
        }
    }
    Ok(Request::from_parts(parts, body))
}

//! The response future.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::ResponseBody;
use crate::Rejection;

/// The future that decides whether a request reaches the inner service.
pub(super) type Admitting<B> = Pin<Box<dyn Future<Output = Result<Request<B>, Rejection>> + Send>>;

pin_project! {
    /// The response of [`Auth`](super::Auth): the inner service's, or a refusal.
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, S::Future>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, F> {
        Admitting { admitting: Admitting<B>, service: S },
        Serving { #[pin] response: F },
    }
}

impl<S: Service<Request<B>>, B> ResponseFuture<S, B> {
    pub(super) fn new(admitting: Admitting<B>, service: S) -> Self {
        Self { state: State::Admitting { admitting, service } }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for ResponseFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Output = Result<Response<ResponseBody<R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let response = match state.as_mut().project() {
                StateProjection::Serving { response } => {
                    return response.poll(cx).map_ok(|response| response.map(ResponseBody::of));
                }
                StateProjection::Admitting { admitting, service } => {
                    match ready!(admitting.as_mut().poll(cx)) {
                        Err(rejection) => {
                            return Poll::Ready(Ok(rejection.to_response().map(ResponseBody::refusal)));
                        }
                        Ok(request) => service.call(request),
                    }
                }
            };
            state.set(State::Serving { response });
        }
    }
}

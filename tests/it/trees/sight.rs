//! Handlers and services that answer with their name and their view of the request, and layers that leave a mark.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, NestedPath, OriginalUri, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::request::Parts;
use http::{StatusCode, header::AUTHORIZATION};
use kinde_perms::{public, requires};
use std::future::Future;
use std::pin::Pin;
use tower::Service;

/// The number of handlers. Handlers with an odd number require the permission of their name: `h1`, `h3` …
pub(crate) const HANDLERS: usize = 8;

/// The number of services. Services with an odd number require the permission of their name; the last two are routers.
pub(crate) const SERVICES: usize = 4;

/// A request as a handler or a service sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// The name of the handler or service: `h0`, `s0` …
    pub(crate) by: String,
    pub(crate) params: Result<Vec<(String, String)>, String>,
    pub(crate) matched: Option<String>,
    pub(crate) nested: Option<String>,
    pub(crate) original: Option<String>,
    pub(crate) uri: String,
}

impl Sight {
    fn by(self, name: &str) -> Self {
        Self { by: name.to_owned(), ..self }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Sight {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let owned = |params: RawPathParams| {
            params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let found = &parts.extensions;
        Ok(Self {
            by: String::new(),
            params: params.map(owned).map_err(|rejection| rejection.to_string()),
            matched: found.get::<MatchedPath>().map(|path| path.as_str().to_owned()),
            nested: found.get::<NestedPath>().map(|path| path.as_str().to_owned()),
            original: found.get::<OriginalUri>().map(|OriginalUri(uri)| uri.to_string()),
            uri: parts.uri.to_string(),
        })
    }
}

/// The sight is an extension of the response: a `HEAD` request gets no body.
impl IntoResponse for Sight {
    fn into_response(self) -> Response {
        let mut response = StatusCode::OK.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

macro_rules! handlers {
    ($($(#[$guard:meta])* $name:ident)*) => {
        $(
            $(#[$guard])*
            pub(crate) async fn $name(sight: Sight) -> Sight {
                sight.by(stringify!($name))
            }
        )*
    };
}

handlers! {
    #[public(reason = "h0")]
    h0
    #[requires(permissions = ["h1"])]
    h1
    #[public(reason = "h2")]
    h2
    #[requires(permissions = ["h3"])]
    h3
    #[public(reason = "h4")]
    h4
    #[requires(permissions = ["h5"])]
    h5
    #[public(reason = "h6")]
    h6
    #[requires(permissions = ["h7"])]
    h7
}

type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// A service that is not a router.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf(pub(crate) &'static str);

impl Service<Request> for Leaf {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answering {
        let Self(name) = *self;
        Box::pin(async move {
            let (mut parts, _) = request.into_parts();
            let Ok(sight) = Sight::from_request_parts(&mut parts, &()).await;
            Ok(sight.by(name).into_response())
        })
    }
}

/// A service that is an Axum router.
pub(crate) fn inner(name: &'static str) -> Router {
    let by = move |place: &'static str| any(async move |sight: Sight| sight.by(&format!("{name}{place}")));
    Router::new()
        .route("/", by(" root"))
        .route("/a", by(" a"))
        .route("/b/{z}", by(" z"))
        .fallback_service(by(" fallback").with_state(()))
}

/// The guard of a service in Axum's router, written by hand; `GuardedRouter` applies the rule itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate<T>(pub(crate) T);

impl<T> Service<Request> for Gate<T>
where
    T: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Answering {
        if request.headers().contains_key(AUTHORIZATION) {
            Box::pin(self.0.call(request))
        } else {
            Box::pin(async { Ok(StatusCode::UNAUTHORIZED.into_response()) })
        }
    }
}

/// The layers that a response passed, from the inside out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed(pub(crate) Vec<usize>);

/// A layer's service: adds a number to [`Passed`].
#[derive(Clone, Debug)]
pub(crate) struct Mark<T> {
    pub(crate) number: usize,
    pub(crate) inner: T,
}

impl<T> Service<Request> for Mark<T>
where
    T: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Answering {
        let (number, answering) = (self.number, self.inner.call(request));
        Box::pin(async move {
            let mut response = answering.await?;
            response.extensions_mut().get_or_insert_default::<Passed>().0.push(number);
            Ok(response)
        })
    }
}

//! Services, whose rule is declared where they are added, because no attribute can stand on them.
//!
//! Only a handler gets the router's state, and with it the validator. So both wrappers implement Axum's `Handler` for the
//! marker argument [`AsHandler`]: a guarded one calls `admit`, then `answer` calls the service.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;

use axum::body::{Body, HttpBody as _};
use axum::extract::{NestedPath, Request};
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use tower_service::Service;

use super::declaration::{Declaration, nested_service_path};
use crate::edge::RouteName;
use crate::extract::{HasValidator, Source};
use crate::{Rejection, Requirement, Validator};

/// A service with its declared access; made by [`public_service`] and [`guarded_service`].
///
/// No other crate can implement it.
#[diagnostic::on_unimplemented(
    message = "nothing says who may call this service",
    label = "this service is not guarded",
    note = "write `guarded_service(requirement!(…), service)`, or `public_service(\"why\", service)` if everyone may call it",
    note = "a guarded service needs a router whose state provides a token validator, and a service whose error is `Infallible`"
)]
pub trait DeclaredService<S>: Handler<AsHandler, S> + sealed::Sealed {
    /// The declared access.
    #[doc(hidden)]
    fn declaration(&self) -> Declaration;

    /// Marks the service as nested, for the route in audit events.
    #[doc(hidden)]
    #[must_use]
    fn nested(self) -> Self;
}

/// A service that everyone may call; made by [`public_service`].
#[derive(Clone)]
pub struct PublicService<T> {
    service: T,
    reason: &'static str,
    source: Source,
}

/// A service behind a rule; made by [`guarded_service`].
#[derive(Clone)]
pub struct GuardedService<T> {
    service: T,
    requirement: Requirement,
    nested: bool,
    source: Source,
}

/// Declares that everyone may call a service, and why.
///
/// ```
/// use kinde_perms::GuardedRouter;
/// use kinde_perms::routing::public_service;
///
/// # fn documentation() -> axum::Router { axum::Router::new() }
/// // Any Axum router without a state is a service, too.
/// let app: GuardedRouter = GuardedRouter::new()
///     .nest_service("/docs", public_service("the documentation is for everyone", documentation()));
/// ```
#[track_caller]
pub fn public_service<T>(reason: &'static str, service: T) -> PublicService<T> {
    PublicService { service, reason, source: source(Location::caller()) }
}

/// Declares the rule of a service; only requests whose token meets the rule reach it.
///
/// ```
/// use kinde_perms::{GuardedRouter, Validator, requirement};
/// use kinde_perms::routing::guarded_service;
///
/// # fn reports() -> axum::Router { axum::Router::new() }
/// let app: GuardedRouter<Validator> = GuardedRouter::new()
///     .nest_service("/reports", guarded_service(requirement!(permissions = ["read:reports"]), reports()));
/// ```
///
/// # Services that decode paths
///
/// The rule applies to the paths that Axum routes to the service, and Axum compares paths undecoded. A service may decode
/// them: `ServeDir` of `tower-http` decodes `%61` and `%2F`, and skips empty and `.` segments. With `/admin` guarded and a
/// public service at `/{*path}` or in the fallback, the public service therefore gets `/%61dmin/keys.txt`,
/// `/admin%2Fkeys.txt`, `//admin/keys.txt` and `/./admin/keys.txt`. If its folder has a folder `admin`, it serves the file
/// without a token.
///
/// So keep guarded files where no other service finds them, such as in a folder of their own. `ServeDir` never leaves its
/// folder by `..`.
#[track_caller]
pub fn guarded_service<T>(requirement: Requirement, service: T) -> GuardedService<T> {
    GuardedService { service, requirement, nested: false, source: source(Location::caller()) }
}

fn source(location: &'static Location<'static>) -> Source {
    Source { name: "service", file: location.file(), line: location.line() }
}

/// The argument type of a service as a handler; no other `Handler` has it.
#[doc(hidden)]
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no value, and never will")]
pub enum AsHandler {}

#[diagnostic::do_not_recommend]
impl<T, S> Handler<AsHandler, S> for PublicService<T>
where
    T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
    T::Response: IntoResponse,
    T::Future: Send,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, _: S) -> Self::Future {
        Box::pin(answer(self.service, request))
    }
}

#[diagnostic::do_not_recommend]
impl<T, S> Handler<AsHandler, S> for GuardedService<T>
where
    S: HasValidator,
    T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
    T::Response: IntoResponse,
    T::Future: Send,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        let validator = state.validator();
        Box::pin(async move {
            match admit(&validator, self.requirement, self.nested, request).await {
                Ok(request) => answer(self.service, request).await,
                Err(rejection) => rejection.into_response(),
            }
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T, S> DeclaredService<S> for PublicService<T>
where
    Self: Handler<AsHandler, S>,
{
    fn declaration(&self) -> Declaration {
        Declaration::Public { reason: self.reason, source: self.source }
    }

    fn nested(self) -> Self {
        self
    }
}

/// The bounds are those of the `Handler` implementation, so that only that implementation meets the supertrait.
#[diagnostic::do_not_recommend]
impl<T, S> DeclaredService<S> for GuardedService<T>
where
    S: HasValidator,
    T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
    T::Response: IntoResponse,
    T::Future: Send,
{
    fn declaration(&self) -> Declaration {
        Declaration::Guarded { requirement: self.requirement, checks: Vec::new, source: self.source }
    }

    fn nested(self) -> Self {
        Self { nested: true, ..self }
    }
}

#[expect(unnameable_types, reason = "what cannot be named cannot be implemented: a rule cannot be faked")]
mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for super::PublicService<T> {}
    impl<T> Sealed for super::GuardedService<T> {}
}

impl<T> fmt::Debug for PublicService<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicService").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for GuardedService<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requirement = format_args!("{}", self.requirement);
        f.debug_struct("GuardedService").field("requirement", &requirement).finish_non_exhaustive()
    }
}

async fn admit(
    validator: &Validator,
    requirement: Requirement,
    nested: bool,
    request: Request,
) -> Result<Request, Rejection> {
    let (mut parts, body) = request.into_parts();
    let prefix = parts.extensions.get::<NestedPath>().filter(|_| nested && validator.observer().is_some());
    let route = prefix.map(|prefix| RouteName(nested_service_path(prefix.as_str())));
    let named = route.map(|route| parts.extensions.insert(route)).is_some();
    validator.admit(&mut parts, &requirement).await?;
    if named {
        // Decisions of the service's own routes are reported with their own paths.
        parts.extensions.remove::<RouteName>();
    }
    Ok(Request::from_parts(parts, body))
}

async fn answer<T>(mut service: T, request: Request) -> Response
where
    T: Service<Request, Error = Infallible>,
    T::Response: IntoResponse,
{
    let is_head = request.method() == Method::HEAD;
    let ready = match poll_fn(|context| service.poll_ready(context)).await {
        Ok(()) => service.call(request).await,
        Err(never) => match never {},
    };
    unmeasured(is_head, ready.into_response())
}

/// Keeps Axum from adding a `Content-Length` to a response without a body (RFC 9110 §8.6).
///
/// Axum adds the header for handlers and not for services. For `HEAD`, 204 and 304 the body's length is not the length that
/// the header stands for.
fn unmeasured(is_head: bool, response: Response) -> Response {
    let is_bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&response.status());
    let size = response.body().size_hint().exact();
    if is_bodiless || (is_head && size == Some(0)) {
        response.map(|body| Body::from_stream(body.into_data_stream()))
    } else {
        response
    }
}

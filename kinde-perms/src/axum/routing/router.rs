//! The router that takes nothing unguarded.

use std::convert::Infallible;
use std::fmt;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{Route, any};
use tower_layer::Layer;
use tower_service::Service;

use super::declaration::{ANY, OTHER, Record};
use super::{AsHandler, DeclaredService, GuardedHandler, GuardedMethodRouter};
use crate::access::AccessMatrix;

/// An Axum router that takes only handlers which say who may call them; a forgotten guard does not compile.
///
/// It is used as Axum's [`Router`] is, with the functions of [`routing`](super) in place of Axum's, and becomes one by
/// [`into_router`](Self::into_router), so nothing of Axum is out of reach. Handlers carry `#[requires(…)]` or
/// `#[public(…)]`; services, which have no place for an attribute, are declared by
/// [`guarded_service`](super::guarded_service) and [`public_service`](super::public_service).
///
/// What the handlers declare is kept beside the routes, for [`access`](Self::access), until the router is built; a
/// request costs what it costs with Axum's router.
///
/// ```
/// use kinde_perms::routing::get;
/// use kinde_perms::{GuardedRouter, Validator, public, requires};
///
/// #[requires(permissions = ["read:todos"])]
/// async fn list_todos() -> &'static str {
///     "[]"
/// }
///
/// #[public(reason = "load balancers ask without a token")]
/// async fn health() -> &'static str {
///     "ok"
/// }
///
/// fn routes() -> GuardedRouter<Validator> {
///     GuardedRouter::new().route("/todos", get(list_todos)).route("/health", get(health))
/// }
///
/// # fn serve(validator: Validator) {
/// let app: axum::Router = routes().with_state(validator).into_router();
/// # }
/// println!("{}", routes().access());
/// ```
#[must_use]
pub struct GuardedRouter<S = ()> {
    router: Router<S>,
    routes: Vec<Record>,
    /// Kept apart from the routes: it can be replaced, and Axum allows one.
    fallback: Option<Record>,
}

impl<S> GuardedRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Makes a router without routes.
    pub fn new() -> Self {
        Self { router: Router::new(), routes: Vec::new(), fallback: None }
    }

    /// Adds the handlers of a path.
    ///
    /// # Panics
    /// As [`Router::route`] does, if the path is malformed or overlaps with one that is there.
    pub fn route(mut self, path: &str, methods: GuardedMethodRouter<S>) -> Self {
        let (methods, records) = methods.at(path);
        self.routes.extend(records);
        Self { router: self.router.route(path, methods), ..self }
    }

    /// Adds a service at a path, for every method.
    ///
    /// # Panics
    /// As [`Router::route_service`] does, if the path is malformed or overlaps with one that is there.
    pub fn route_service(mut self, path: &str, service: impl DeclaredService<S>) -> Self {
        self.routes.push(Record::new(ANY, path, service.declaration()));
        Self { router: self.router.route(path, any::<_, AsHandler, _>(service)), ..self }
    }

    /// Adds the routes of another router below a prefix, which those do not see.
    ///
    /// # Panics
    /// As [`Router::nest`] does, if a path is malformed or overlaps with one that is there.
    pub fn nest(mut self, prefix: &str, other: Self) -> Self {
        self.routes.extend(other.routes.into_iter().chain(other.fallback).map(|route| route.below(prefix)));
        Self { router: self.router.nest(prefix, other.router), ..self }
    }

    /// Adds a service below a prefix, which it does not see, for every method.
    ///
    /// # Panics
    /// As [`Router::nest_service`] does, if the prefix is malformed or overlaps with a path that is there.
    pub fn nest_service(self, prefix: &str, service: impl DeclaredService<S>) -> Self {
        self.nest(prefix, Self::new().fallback_service(service))
    }

    /// Adds the routes of another router.
    ///
    /// # Panics
    /// As [`Router::merge`] does, if paths overlap or both have a fallback.
    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        Self {
            router: self.router.merge(other.router),
            fallback: self.fallback.or(other.fallback),
            routes: self.routes,
        }
    }

    /// Sets the handler of requests whose path no route has; the access list calls them `ANY /*`.
    pub fn fallback<H, T>(self, handler: H) -> Self
    where
        H: GuardedHandler<T, S>,
        T: 'static,
    {
        let fallback = Some(Record::everywhere(ANY, H::DECLARATION));
        Self { router: self.router.fallback(handler), fallback, ..self }
    }

    /// Sets the service of requests whose path no route has; the access list calls them `ANY /*`.
    pub fn fallback_service(self, service: impl DeclaredService<S>) -> Self {
        let fallback = Some(Record::everywhere(ANY, service.declaration()));
        Self { router: self.router.fallback::<_, AsHandler>(service), fallback, ..self }
    }

    /// Sets the handler of requests to the routes added so far whose method has no handler; the access list calls them
    /// `OTHER /*`.
    pub fn method_not_allowed_fallback<H, T>(mut self, handler: H) -> Self
    where
        H: GuardedHandler<T, S>,
        T: 'static,
    {
        self.routes.push(Record::everywhere(OTHER, H::DECLARATION));
        Self { router: self.router.method_not_allowed_fallback(handler), ..self }
    }

    /// Wraps the routes and fallbacks added so far in a layer, which sees requests before their guards do.
    ///
    /// A layer can answer by itself, so what it answers is not guarded: that is how CORS preflights pass.
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { router: self.router.layer(layer), ..self }
    }

    /// As [`layer`](Self::layer), but a request that no route takes does not pass it.
    ///
    /// # Panics
    /// If there is no route yet.
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { router: self.router.route_layer(layer), ..self }
    }

    /// Gives the handlers their state; the router then needs the state `S2`, usually none.
    pub fn with_state<S2>(self, state: S) -> GuardedRouter<S2> {
        let Self { router, routes, fallback } = self;
        GuardedRouter { router: router.with_state(state), routes, fallback }
    }

    /// Returns the router as Axum's own type, to be served, or extended by what needs no guard.
    pub fn into_router(self) -> Router<S> {
        self.router
    }

    /// Returns who may call what, as the handlers declare it.
    #[must_use]
    pub fn access(&self) -> AccessMatrix {
        self.routes.iter().chain(&self.fallback).map(Record::to_route).collect()
    }
}

impl<S> From<GuardedRouter<S>> for Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn from(router: GuardedRouter<S>) -> Self {
        router.into_router()
    }
}

impl<S> Default for GuardedRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Clone for GuardedRouter<S> {
    fn clone(&self) -> Self {
        let Self { router, routes, fallback } = self;
        Self { router: router.clone(), routes: routes.clone(), fallback: fallback.clone() }
    }
}

impl<S> fmt::Debug for GuardedRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedRouter")
            .field("routes", &self.routes)
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
    }
}

//! `GuardedRouter`: Axum's router, and beside it the declaration of every route.
//!
//! Each method does two things: it calls Axum's method of the same name, and it records the declaration. `add` keeps the
//! records of routes; it refuses a path that a service and another route would share, as Axum does. Fallbacks are kept
//! apart: Axum allows one for each router, and drops those of nested routers in the cases that `nest` names. `access` makes
//! the records an `AccessMatrix`; `into_router` drops them.

use std::collections::{BTreeSet, HashSet};
use std::convert::Infallible;
use std::fmt;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{Route, any};
use tower_layer::Layer;
use tower_service::Service;

use super::declaration::{DeclaredRoute, OTHER, RouteKind, nested_paths};
use super::nested::NestLayer;
use super::{AsHandler, DeclaredService, GuardedHandler, GuardedMethodRouter};
use crate::access::AccessMatrix;

/// An Axum router that accepts only handlers with a declared rule; a forgotten guard does not compile.
///
/// `GuardedRouter` has the methods of Axum's [`Router`] and takes routes from the functions of [`routing`](super);
/// [`into_router`](Self::into_router) returns Axum's router. Handlers carry `#[requires(…)]` or `#[public(…)]`. Services
/// cannot carry an attribute: [`guarded_service`](super::guarded_service) and [`public_service`](super::public_service)
/// declare them.
///
/// The declarations are kept beside the routes, for [`access`](Self::access), until `into_router`. A request costs the same
/// as with Axum's router.
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
    routes: Vec<DeclaredRoute>,
    /// A router has only one fallback, and a later one replaces it; so the fallback is kept apart from the routes.
    fallback: Option<DeclaredRoute>,
    /// The fallbacks of nested routers. Axum drops them if this router is nested without a fallback of its own.
    nested_fallbacks: Vec<DeclaredRoute>,
}

impl<S> GuardedRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Creates a router without routes.
    pub fn new() -> Self {
        Self { router: Router::new(), routes: Vec::new(), fallback: None, nested_fallbacks: Vec::new() }
    }

    /// Adds the handlers of a path.
    ///
    /// # Panics
    /// As [`Router::route`] does, if the path is malformed or overlaps with an existing one.
    #[track_caller]
    pub fn route(mut self, path: &str, methods: GuardedMethodRouter<S>) -> Self {
        let (methods, records) = methods.at(path);
        let router = self.router.route(path, methods);
        add(&mut self.routes, records.collect());
        Self { router, ..self }
    }

    /// Adds a service at a path, for every method.
    ///
    /// Paths are compared undecoded: [`guarded_service`](super::guarded_service) says what that means for services that
    /// decode them.
    ///
    /// # Panics
    /// As [`Router::route_service`] does, if the path is malformed or overlaps with an existing one.
    #[track_caller]
    pub fn route_service(mut self, path: &str, service: impl DeclaredService<S>) -> Self {
        let record = DeclaredRoute::any(RouteKind::Service, path, service.declaration());
        let router = self.router.route(path, any::<_, AsHandler, _>(service));
        add(&mut self.routes, vec![record]);
        Self { router, ..self }
    }

    /// Adds the routes of another router below a prefix, which Axum strips from the path that they see.
    ///
    /// The other router's fallback answers the requests below the prefix that no route takes; in the access list it is
    /// `ANY /prefix/*`. If the other router has no fallback, Axum drops the fallbacks of the routers nested in it, and so does
    /// the access list.
    ///
    /// # Panics
    /// As [`Router::nest`] does, if a path is malformed or overlaps with an existing one. Also if the other router has a
    /// fallback and the prefix has a literal brace (`{{`): Axum can take that fallback for this router's own, and replace it.
    #[track_caller]
    pub fn nest(mut self, prefix: &str, other: Self) -> Self {
        let has_fallback = other.fallback.is_some();
        assert!(
            !has_fallback || !prefix.contains("{{"),
            "Invalid prefix {prefix:?}: a nested fallback below a brace"
        );
        let router = self.router.nest(prefix, other.router);
        add(&mut self.routes, other.routes.into_iter().map(|route| route.below(prefix)).collect());
        // Axum takes over the fallbacks below a router together with its own, or none of them.
        if let Some(fallback) = other.fallback {
            let fallbacks = other.nested_fallbacks.into_iter().chain([fallback]);
            self.nested_fallbacks.extend(fallbacks.map(|fallback| fallback.below(prefix)));
        }
        Self { router, ..self }
    }

    /// Adds a service below a prefix, for every method; in the access list it is `ANY /prefix/{*}`. Axum strips the prefix from
    /// the path that the service sees.
    ///
    /// As with Axum, the service answers the prefix, the prefix followed by a slash, and every path below that no more specific
    /// route has. Paths are compared undecoded: [`guarded_service`](super::guarded_service) says what that means for services
    /// that decode them.
    ///
    /// # Panics
    /// As [`Router::nest_service`] does, if the prefix is malformed or overlaps with an existing one.
    #[track_caller]
    pub fn nest_service(mut self, prefix: &str, service: impl DeclaredService<S>) -> Self {
        let record = DeclaredRoute::any(RouteKind::NestedService, prefix, service.declaration());
        let service = any::<_, AsHandler, _>(service.nested()).layer(NestLayer::new(prefix));
        let paths = nested_paths(prefix);
        let router = paths.iter().fold(self.router, |router, path| router.route(path, service.clone()));
        add(&mut self.routes, vec![record]);
        Self { router, ..self }
    }

    /// Adds the routes of another router.
    ///
    /// # Panics
    /// As [`Router::merge`] does, if paths overlap or both have a fallback.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        let router = self.router.merge(other.router);
        add(&mut self.routes, other.routes);
        self.nested_fallbacks.extend(other.nested_fallbacks);
        Self { router, fallback: self.fallback.or(other.fallback), ..self }
    }

    /// Sets the handler of requests whose path no route has; in the access list it is `ANY /*`.
    pub fn fallback<H, T>(self, handler: H) -> Self
    where
        H: GuardedHandler<T, S>,
        T: 'static,
    {
        let fallback = Some(DeclaredRoute::any(RouteKind::Fallback, "/", H::DECLARATION));
        Self { router: self.router.fallback(handler), fallback, ..self }
    }

    /// Sets the service of requests whose path no route has; in the access list it is `ANY /*`.
    pub fn fallback_service(self, service: impl DeclaredService<S>) -> Self {
        let fallback = Some(DeclaredRoute::any(RouteKind::Fallback, "/", service.declaration()));
        Self { router: self.router.fallback::<_, AsHandler>(service), fallback, ..self }
    }

    /// Sets the handler of requests whose path has a route but whose method has no handler. It applies to the routes added so
    /// far that have no such handler; its method in the access list is `OTHER`.
    pub fn method_not_allowed_fallback<H, T>(mut self, handler: H) -> Self
    where
        H: GuardedHandler<T, S>,
        T: 'static,
    {
        let settled = self.routes.iter().filter(|route| route.takes_the_rest()).map(DeclaredRoute::path);
        let settled: HashSet<_> = settled.collect();
        let open: BTreeSet<_> = self.routes.iter().filter_map(DeclaredRoute::handlers_path).collect();
        let open = open.into_iter().filter(|path| !settled.contains(path));
        let others: Vec<_> = open.map(|path| DeclaredRoute::handler(OTHER, path, H::DECLARATION)).collect();
        self.routes.extend(others);
        Self { router: self.router.method_not_allowed_fallback(handler), ..self }
    }

    /// Wraps the routes and fallbacks added so far in a layer, which sees requests before their guards do.
    ///
    /// A response that a layer makes itself is not guarded; CORS preflights rely on that.
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

    /// As [`layer`](Self::layer), but requests that no route takes do not pass the layer.
    ///
    /// # Panics
    /// If there is no route yet.
    #[track_caller]
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

    /// Provides the state of the handlers; the router then needs the state `S2`, usually `()`.
    pub fn with_state<S2>(self, state: S) -> GuardedRouter<S2> {
        let Self { router, routes, fallback, nested_fallbacks } = self;
        GuardedRouter { router: router.with_state(state), routes, fallback, nested_fallbacks }
    }

    /// Returns Axum's router, to be served, or extended by routes that need no guard.
    pub fn into_router(self) -> Router<S> {
        self.router
    }

    /// Returns the access matrix of the declared routes.
    #[must_use]
    pub fn access(&self) -> AccessMatrix {
        self.routes
            .iter()
            .chain(&self.nested_fallbacks)
            .chain(&self.fallback)
            .map(DeclaredRoute::to_route)
            .collect()
    }
}

/// Adds routes; panics if a service would share its path. Axum merges handlers of one path and refuses services.
#[track_caller]
fn add(routes: &mut Vec<DeclaredRoute>, new: Vec<DeclaredRoute>) {
    let taken = shared(routes, &new).or_else(|| shared(&new, routes));
    assert!(taken.is_none(), "Invalid route {:?}: another route has this path", taken.unwrap_or_default());
    routes.extend(new);
}

/// Returns a path of a service in one list that is also a path of a route in the other.
fn shared(services: &[DeclaredRoute], others: &[DeclaredRoute]) -> Option<String> {
    let mut paths = services.iter().filter(|record| record.is_service()).flat_map(DeclaredRoute::paths);
    paths.find(|path| others.iter().any(|other| other.paths().contains(path)))
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
        let Self { router, routes, fallback, nested_fallbacks } = self;
        Self {
            router: router.clone(),
            routes: routes.clone(),
            fallback: fallback.clone(),
            nested_fallbacks: nested_fallbacks.clone(),
        }
    }
}

impl<S> fmt::Debug for GuardedRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedRouter")
            .field("routes", &self.routes)
            .field("fallback", &self.fallback)
            .field("nested_fallbacks", &self.nested_fallbacks)
            .finish_non_exhaustive()
    }
}

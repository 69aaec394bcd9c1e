//! The routes of one path.

use std::convert::Infallible;
use std::fmt;

use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, Route};
use tower_layer::Layer;
use tower_service::Service;

use super::GuardedHandler;
use super::declaration::{ANY, Declaration, DeclaredRoute};

/// The methods of [`on`]'s filter, by name.
const METHODS: [(&str, MethodFilter); 9] = [
    ("CONNECT", MethodFilter::CONNECT),
    ("DELETE", MethodFilter::DELETE),
    ("GET", MethodFilter::GET),
    ("HEAD", MethodFilter::HEAD),
    ("OPTIONS", MethodFilter::OPTIONS),
    ("PATCH", MethodFilter::PATCH),
    ("POST", MethodFilter::POST),
    ("PUT", MethodFilter::PUT),
    ("TRACE", MethodFilter::TRACE),
];

/// The handlers of one path, by method: Axum's [`MethodRouter`] of guarded and public handlers.
///
/// Made by [`get`], [`post`] and the other functions of this module, and chained by its methods of the same names.
#[must_use]
pub struct GuardedMethodRouter<S = ()> {
    router: MethodRouter<S>,
    declarations: Vec<(&'static str, Declaration)>,
}

impl<S: Clone> GuardedMethodRouter<S> {
    /// Returns the handlers as Axum's type, and their declarations as routes of a path.
    pub(super) fn at(self, path: &str) -> (MethodRouter<S>, impl Iterator<Item = DeclaredRoute>) {
        let records = self
            .declarations
            .into_iter()
            .map(move |(method, declaration)| DeclaredRoute::handler(method, path, declaration));
        (self.router, records)
    }
}

impl<S> GuardedMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn new() -> Self {
        Self { router: MethodRouter::new(), declarations: Vec::new() }
    }

    /// Adds a handler for the methods of a filter.
    #[track_caller]
    pub fn on<H, T>(mut self, filter: MethodFilter, handler: H) -> Self
    where
        H: GuardedHandler<T, S>,
        T: 'static,
    {
        let methods = METHODS.into_iter().filter(|(_, method)| filter.or(*method) == filter);
        self.declarations.extend(methods.map(|(name, _)| (name, H::DECLARATION)));
        Self { router: self.router.on(filter, handler), ..self }
    }

    /// Adds a handler for every method without a handler of its own; its method in the access list is `ANY`.
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: GuardedHandler<T, S>,
        T: 'static,
    {
        self.declarations.retain(|(method, _)| *method != ANY);
        self.declarations.push((ANY, H::DECLARATION));
        Self { router: self.router.fallback(handler), ..self }
    }

    /// Adds the handlers of another `GuardedMethodRouter`, for methods that this one does not have.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        self.declarations.extend(other.declarations);
        Self { router: self.router.merge(other.router), ..self }
    }

    /// Wraps the handlers added so far in a layer, which sees requests before their guards do.
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

    /// As [`layer`](Self::layer), but requests whose method has no handler do not pass the layer.
    ///
    /// # Panics
    /// If there is no handler yet.
    #[track_caller]
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { router: self.router.route_layer(layer), ..self }
    }
}

/// Routes requests with the methods of a filter to a handler.
pub fn on<H, T, S>(filter: MethodFilter, handler: H) -> GuardedMethodRouter<S>
where
    H: GuardedHandler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    GuardedMethodRouter::new().on(filter, handler)
}

/// Routes requests of every method to a handler; its method in the access list is `ANY`.
///
/// Chained methods take precedence: `any(all_others).get(list)`.
pub fn any<H, T, S>(handler: H) -> GuardedMethodRouter<S>
where
    H: GuardedHandler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    GuardedMethodRouter { router: axum::routing::any(handler), declarations: vec![(ANY, H::DECLARATION)] }
}

macro_rules! methods {
    ($($name:ident $filter:ident $comment:literal)*) => {
        $(
            #[doc = concat!("Routes `", stringify!($filter), "` requests to a handler", $comment, ".")]
            pub fn $name<H, T, S>(handler: H) -> GuardedMethodRouter<S>
            where
                H: GuardedHandler<T, S>,
                T: 'static,
                S: Clone + Send + Sync + 'static,
            {
                on(MethodFilter::$filter, handler)
            }
        )*

        impl<S> GuardedMethodRouter<S>
        where
            S: Clone + Send + Sync + 'static,
        {
            $(
                #[doc = concat!("Adds a handler for `", stringify!($filter), "` requests", $comment, ".")]
                #[track_caller]
                pub fn $name<H, T>(self, handler: H) -> Self
                where
                    H: GuardedHandler<T, S>,
                    T: 'static,
                {
                    self.on(MethodFilter::$filter, handler)
                }
            )*
        }
    };
}

methods! {
    get GET ", and `HEAD` requests, unless they have a handler of their own"
    post POST ""
    put PUT ""
    patch PATCH ""
    delete DELETE ""
    head HEAD ""
    options OPTIONS ""
    trace TRACE ""
    connect CONNECT ""
}

impl<S> Clone for GuardedMethodRouter<S> {
    fn clone(&self) -> Self {
        Self { router: self.router.clone(), declarations: self.declarations.clone() }
    }
}

impl<S> fmt::Debug for GuardedMethodRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedMethodRouter")
            .field("declarations", &self.declarations)
            .finish_non_exhaustive()
    }
}

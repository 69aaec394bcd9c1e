//! The layers that Axum puts in front of a nested service.

use std::sync::mpsc::channel;

use axum::Router;
use axum::routing::Route;
use tower_layer::{Layer, layer_fn};

/// Strips a prefix from a request's path and adds it to `NestedPath`, by Axum's own layers.
///
/// Axum's `nest_service` takes a service that is ready to run, but a guarded one needs the router's state, which only a
/// handler gets. The layers are private to Axum, so they are taken from a router that nests nothing else.
#[derive(Clone)]
pub(super) struct Nested {
    prefix: String,
}

impl Nested {
    /// # Panics
    /// As [`Router::nest_service`] does, if the prefix is malformed.
    pub(super) fn new(prefix: &str) -> Self {
        let _: Router = Router::new().nest_service(prefix, Router::<()>::new());
        Self { prefix: prefix.to_owned() }
    }
}

impl Layer<Route> for Nested {
    type Service = Route;

    #[expect(clippy::expect_used, reason = "`route_layer` calls a layer with every route at once")]
    fn layer(&self, service: Route) -> Route {
        let (found, layered) = channel();
        let find = layer_fn(move |route: Route| {
            // Axum nests at several paths; any of the routes will do, and the receiver outlives all of them.
            let _ = found.send(route.clone());
            route
        });
        let _: Router = Router::new().nest_service(&self.prefix, service).route_layer(find);
        layered.try_recv().expect("`nest_service` adds routes")
    }
}

//! The layers that Axum puts in front of a nested service.

use std::sync::mpsc::channel;

use axum::Router;
use axum::routing::Route;
use tower_layer::{Layer, layer_fn};

/// Strips a prefix from a request's path and adds it to `NestedPath`, by Axum's own layers.
///
/// A guarded service needs the router's state, which Axum gives to handlers only, so `nest_service` cannot take it. The
/// router therefore adds the service as a handler, behind the layers that `nest_service` would put in front of it. These
/// layers are private to Axum: `layer` nests the service in a router of its own and takes the finished route out of it.
#[derive(Clone)]
pub(super) struct NestLayer {
    prefix: String,
}

impl NestLayer {
    /// # Panics
    /// As [`Router::nest_service`] does, if the prefix is malformed.
    pub(super) fn new(prefix: &str) -> Self {
        let _: Router = Router::new().nest_service(prefix, Router::<()>::new());
        Self { prefix: prefix.to_owned() }
    }
}

impl Layer<Route> for NestLayer {
    type Service = Route;

    #[expect(clippy::expect_used, reason = "`route_layer` calls a layer with every route at once")]
    fn layer(&self, service: Route) -> Route {
        let (found, layered) = channel();
        let find = layer_fn(move |route: Route| {
            // Axum adds one route per path; all of them are alike. The receiver outlives them, so `send` cannot fail.
            let _ = found.send(route.clone());
            route
        });
        let _: Router = Router::new().nest_service(&self.prefix, service).route_layer(find);
        layered.try_recv().expect("`nest_service` adds routes")
    }
}

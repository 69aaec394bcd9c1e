//! Builds a tree with either router: the macro `interpreter` is written once and expanded for both.

use axum::Router;
use axum::routing::MethodFilter;
use kinde_perms::routing::{GuardedMethodRouter, guarded_service, public_service};
use kinde_perms::{GuardedRouter, Validator, requirement};
use tower::layer::layer_fn;

use super::sight::{Gate, Leaf, Mark, h0, h1, h2, h3, h4, h5, h6, h7, inner};
use super::{Call, Methods, MethodsCall, Tree};

/// The method filters of handlers, by number.
pub(crate) const FILTERS: [MethodFilter; 8] = [
    MethodFilter::GET,
    MethodFilter::GET,
    MethodFilter::POST,
    MethodFilter::HEAD,
    MethodFilter::OPTIONS,
    MethodFilter::GET.or(MethodFilter::PUT),
    MethodFilter::DELETE.or(MethodFilter::PATCH).or(MethodFilter::TRACE),
    MethodFilter::CONNECT,
];

/// Calls `$body` with a handler as `$handler`; every handler has a type of its own.
macro_rules! with_handler {
    ($number:expr, $handler:ident => $body:expr) => {
        with_handler!(@ $number, $handler, $body, h0 0 h1 1 h2 2 h3 3 h4 4 h5 5 h6 6 h7 7)
    };
    (@ $number:expr, $handler:ident, $body:expr, $($name:ident $value:literal)*) => {
        match $number {
            $($value => { let $handler = $name; $body })*
            other => panic!("no handler {other}"),
        }
    };
}

/// The services for `GuardedRouter`: declared guarded or public.
macro_rules! declared {
    ($number:expr, $service:ident => $body:expr) => {
        match $number {
            0 => {
                let $service = public_service("s0", Leaf("s0"));
                $body
            }
            1 => {
                let $service = guarded_service(requirement!(permissions = ["s1"]), Leaf("s1"));
                $body
            }
            2 => {
                let $service = public_service("s2", inner("s2"));
                $body
            }
            _ => {
                let $service = guarded_service(requirement!(permissions = ["s3"]), inner("s3"));
                $body
            }
        }
    };
}

/// The services for Axum's `Router`: plain, or behind a `Gate`.
macro_rules! plain {
    ($number:expr, $service:ident => $body:expr) => {
        match $number {
            0 => {
                let $service = Leaf("s0");
                $body
            }
            1 => {
                let $service = Gate(Leaf("s1"));
                $body
            }
            2 => {
                let $service = inner("s2");
                $body
            }
            _ => {
                let $service = Gate(inner("s3"));
                $body
            }
        }
    };
}

macro_rules! interpreter {
    ($build:ident, $router:ident, $methods:ty, $routing:ident, $services:ident) => {
        /// Builds a tree; panics if the router does.
        pub(crate) fn $build(tree: &Tree, validator: &Validator) -> $router<Validator> {
            use $routing::{any, on};

            fn methods(described: &Methods) -> $methods {
                let first = with_handler!(described.handler, handler => match described.first {
                    Some(filter) => on(FILTERS[filter], handler),
                    None => any(handler),
                });
                described.calls.iter().fold(first, |router, call| match call {
                    MethodsCall::On(filter, number) => {
                        with_handler!(*number, handler => router.on(FILTERS[*filter], handler))
                    }
                    MethodsCall::Fallback(number) => {
                        with_handler!(*number, handler => router.fallback(handler))
                    }
                    MethodsCall::Merge(other) => router.merge(methods(other)),
                    &MethodsCall::Layer(number) => router.layer(layer_fn(move |inner| Mark { number, inner })),
                    &MethodsCall::RouteLayer(number) => {
                        router.route_layer(layer_fn(move |inner| Mark { number, inner }))
                    }
                })
            }

            let router = tree.calls.iter().fold($router::new(), |router, call| match call {
                Call::Route(path, described) => router.route(path, methods(described)),
                Call::RouteService(path, number) => {
                    $services!(*number, service => router.route_service(path, service))
                }
                Call::Nest(prefix, tree) => router.nest(prefix, $build(tree, validator)),
                Call::NestService(prefix, number) => {
                    $services!(*number, service => router.nest_service(prefix, service))
                }
                Call::Merge(tree) => router.merge($build(tree, validator)),
                Call::Fallback(number) => with_handler!(*number, handler => router.fallback(handler)),
                Call::FallbackService(number) => {
                    $services!(*number, service => router.fallback_service(service))
                }
                Call::MethodNotAllowedFallback(number) => {
                    with_handler!(*number, handler => router.method_not_allowed_fallback(handler))
                }
                &Call::Layer(number) => router.layer(layer_fn(move |inner| Mark { number, inner })),
                &Call::RouteLayer(number) => router.route_layer(layer_fn(move |inner| Mark { number, inner })),
            });
            if tree.has_state { router.with_state(validator.clone()) } else { router }
        }
    };
}

mod axum_routing {
    pub(super) use axum::routing::{any, on};
}

mod guarded_routing {
    pub(super) use kinde_perms::routing::{any, on};
}

interpreter!(axum, Router, axum::routing::MethodRouter<Validator>, axum_routing, plain);
interpreter!(guarded, GuardedRouter, GuardedMethodRouter<Validator>, guarded_routing, declared);

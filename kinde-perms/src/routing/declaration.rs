//! The declarations that a `GuardedRouter` keeps beside Axum's routes, for the access list.
//!
//! A `DeclaredRoute` is a method, a `RouteKind`, the path or prefix as it was given to the router, and the [`Declaration`] of
//! its handler. `below` moves it under the prefix of a nested router. `paths` returns the paths of Axum's routes for it, by
//! which the router finds services that share one. `to_route` makes the row of the access list.

use crate::Requirement;
use crate::access::{Access, Handler, Route};
use crate::extract::Source;

/// The declared access of a handler or a service.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Declaration {
    /// Callers whose token meets the rule.
    Guarded {
        /// The rule.
        requirement: Requirement,
        /// Returns the paths of the checks that follow it.
        checks: fn() -> Vec<&'static str>,
        /// Where the handler is written.
        source: Source,
    },
    /// Everyone.
    Public {
        /// Why everyone may call it.
        reason: &'static str,
        /// Where the handler is.
        source: Source,
    },
}

/// The method of a row for every method without a handler of its own.
pub(super) const ANY: &str = "ANY";

/// The method of a row for every method that no other row of the path takes.
pub(super) const OTHER: &str = "OTHER";

/// The parameter with which Axum's `nest_service` matches the rest of a path.
///
/// Axum hides parameters of this name from `Path`, and sets no `MatchedPath` for a route that ends with it. The name is
/// private to Axum; the test `router_is_axum` pins it.
const NEST_TAIL: &str = "{*__private__axum_nest_tail_param}";

/// The kind of a route, which decides the paths that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RouteKind {
    /// A handler at one path; Axum merges the handlers of equal paths.
    Handlers,
    /// A service at one path, which Axum lets no other route have.
    Service,
    /// A service at a prefix, at the prefix followed by a slash, and at every path below.
    NestedService,
    /// The fallback of a router: the paths at and below its prefix that no route takes. The root router's prefix is `/`.
    Fallback,
}

/// One route, as it was added to the router.
#[derive(Clone, Debug)]
pub(super) struct DeclaredRoute {
    method: &'static str,
    kind: RouteKind,
    path: String,
    declaration: Declaration,
}

impl DeclaredRoute {
    pub(super) fn handler(method: &'static str, path: &str, declaration: Declaration) -> Self {
        Self { method, kind: RouteKind::Handlers, path: path.to_owned(), declaration }
    }

    /// Creates a route that takes every method.
    pub(super) fn any(kind: RouteKind, path: &str, declaration: Declaration) -> Self {
        Self { method: ANY, kind, path: path.to_owned(), declaration }
    }

    /// Returns the same route below a prefix.
    pub(super) fn below(self, prefix: &str) -> Self {
        Self { path: joined(prefix, &self.path), ..self }
    }

    /// Returns the path, or the prefix.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the path if the route is a handler: only such paths can get a `method_not_allowed_fallback`.
    pub(super) fn handlers_path(&self) -> Option<&str> {
        (self.kind == RouteKind::Handlers).then_some(&*self.path)
    }

    /// Returns `true` if the route takes all methods that remain on its path.
    pub(super) fn takes_the_rest(&self) -> bool {
        [ANY, OTHER].contains(&self.method)
    }

    /// Returns `true` for a service, which shares its paths with no other route.
    pub(super) fn is_service(&self) -> bool {
        matches!(self.kind, RouteKind::Service | RouteKind::NestedService)
    }

    /// Returns the paths of Axum's routes.
    pub(super) fn paths(&self) -> Vec<String> {
        match self.kind {
            RouteKind::NestedService => nested_paths(&self.path),
            _ => vec![self.path.clone()],
        }
    }

    fn shown_path(&self) -> String {
        match self.kind {
            RouteKind::Handlers | RouteKind::Service => self.path.clone(),
            RouteKind::NestedService => nested_service_path(&self.path),
            RouteKind::Fallback if self.path == "/" => "/*".to_owned(),
            RouteKind::Fallback => format!("{}/*", self.path),
        }
    }

    pub(super) fn to_route(&self) -> Route {
        let (access, source) = match self.declaration {
            Declaration::Guarded { requirement, checks, source } => {
                let checks = checks().into_iter().map(str::to_owned);
                (Access::guarded((&requirement).into(), checks), source)
            }
            Declaration::Public { reason, source } => (Access::Public(reason.to_owned()), source),
        };
        Route::new(self.method, self.shown_path(), access).at(Handler::new(
            source.name,
            source.file,
            source.line,
        ))
    }
}

/// Joins a prefix and a path as Axum does for nested routers.
fn joined(prefix: &str, path: &str) -> String {
    match path {
        _ if prefix.ends_with('/') => format!("{prefix}{}", path.trim_start_matches('/')),
        "/" => prefix.to_owned(),
        _ => format!("{prefix}{path}"),
    }
}

/// Returns the paths of Axum's routes for a service nested at a prefix, in Axum's order.
pub(super) fn nested_paths(prefix: &str) -> Vec<String> {
    let with_slash = if prefix.ends_with('/') { None } else { Some(format!("{prefix}/")) };
    let tail = format!("{}{NEST_TAIL}", with_slash.as_deref().unwrap_or(prefix));
    [tail, prefix.to_owned()].into_iter().chain(with_slash).collect()
}

/// Returns the path of a nested service in the access list. No route can have it, because Axum refuses a wildcard without a
/// name.
pub(super) fn nested_service_path(prefix: &str) -> String {
    format!("{prefix}/{{*}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_axum_joins_them() {
        for (prefix, path, whole) in [
            ("/a", "/b", "/a/b"),
            ("/a", "/", "/a"),
            ("/a", "//b", "/a//b"),
            ("/a/", "/b", "/a/b"),
            ("/a/", "//b", "/a/b"),
            ("/a/", "/", "/a/"),
            ("/a/{id}", "/{*rest}", "/a/{id}/{*rest}"),
        ] {
            assert_eq!(joined(prefix, path), whole, "{prefix} and {path}");
        }
    }
}

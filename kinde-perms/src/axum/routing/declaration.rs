//! What a router remembers of its routes.

use super::super::guard::Source;
use crate::Requirement;
use crate::access::{Access, Handler, Route};

/// Who may call a handler or a service, as its author declared it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Declaration {
    /// Whoever meets the rule.
    Guarded {
        /// The rule.
        requirement: Requirement,
        /// Returns the paths of the checks that follow it.
        checks: fn() -> Vec<&'static str>,
        /// Where the handler is.
        source: Source,
    },
    /// Everyone.
    Public {
        /// Why.
        reason: &'static str,
        /// Where the handler is.
        source: Source,
    },
}

/// Stands for every method that has no handler of its own.
pub(super) const ANY: &str = "ANY";

/// Stands for every method that a route of the same router does not take.
pub(super) const OTHER: &str = "OTHER";

/// The parameter by which Axum's `nest_service` takes the rest of a path.
///
/// Axum keeps parameters of this name from `Path`, and leaves out `MatchedPath` where exactly this one ends a route. The
/// name is private to Axum; the test `router_is_axum` pins it.
const NEST_TAIL: &str = "{*__private__axum_nest_tail_param}";

/// The part of the path space that a record answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The handlers of one path; Axum adds up those of equal paths.
    Handlers,
    /// A service at one path; Axum lets nothing else have an equal path.
    Service,
    /// A service at a prefix, at the prefix with a slash, and at every path below.
    NestedService,
    /// A prefix, and what no route takes below it. The prefix of the root router is `/`.
    Fallback,
}

/// One route, as the router was told of it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    method: &'static str,
    place: Place,
    path: String,
    declaration: Declaration,
}

impl Record {
    pub(super) fn handler(method: &'static str, path: &str, declaration: Declaration) -> Self {
        Self { method, place: Place::Handlers, path: path.to_owned(), declaration }
    }

    /// Creates the record of what takes every method.
    pub(super) fn any(place: Place, path: &str, declaration: Declaration) -> Self {
        Self { method: ANY, place, path: path.to_owned(), declaration }
    }

    /// The same route below a prefix.
    pub(super) fn below(self, prefix: &str) -> Self {
        Self { path: joined(prefix, &self.path), ..self }
    }

    /// Returns the path, or the prefix.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the path whose unhandled methods are answered by Axum, if they are not by a handler already.
    pub(super) fn handlers_path(&self) -> Option<&str> {
        (self.place == Place::Handlers).then_some(&*self.path)
    }

    /// Returns `true` if no method of the path is left to Axum.
    pub(super) fn takes_the_rest(&self) -> bool {
        [ANY, OTHER].contains(&self.method)
    }

    /// Returns `true` for a service, which shares its paths with nothing.
    pub(super) fn is_service(&self) -> bool {
        matches!(self.place, Place::Service | Place::NestedService)
    }

    /// Returns the paths of Axum's routes.
    pub(super) fn paths(&self) -> Vec<String> {
        match self.place {
            Place::NestedService => nested_paths(&self.path),
            _ => vec![self.path.clone()],
        }
    }

    fn shown_path(&self) -> String {
        match self.place {
            Place::Handlers | Place::Service => self.path.clone(),
            Place::NestedService => nested_service_path(&self.path),
            Place::Fallback if self.path == "/" => "/*".to_owned(),
            Place::Fallback => format!("{}/*", self.path),
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

/// Joins paths as Axum joins those of nested routers.
fn joined(prefix: &str, path: &str) -> String {
    match path {
        _ if prefix.ends_with('/') => format!("{prefix}{}", path.trim_start_matches('/')),
        "/" => prefix.to_owned(),
        _ => format!("{prefix}{path}"),
    }
}

/// Returns the paths at which Axum has a service that is nested at a prefix, in Axum's order.
pub(super) fn nested_paths(prefix: &str) -> Vec<String> {
    let with_slash = if prefix.ends_with('/') { None } else { Some(format!("{prefix}/")) };
    let tail = format!("{}{NEST_TAIL}", with_slash.as_deref().unwrap_or(prefix));
    [tail, prefix.to_owned()].into_iter().chain(with_slash).collect()
}

/// Returns the path by which a nested service is known. Axum refuses a wildcard without a name, so no route has it.
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

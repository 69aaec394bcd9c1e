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
        /// The names of the checks that follow it.
        checks: &'static [&'static str],
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

/// Stands for every path that no route has. No route can have it: Axum refuses segments that start with `*`.
const EVERYWHERE: &str = "/*";

/// One route, as the router was told of it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    method: &'static str,
    path: String,
    declaration: Declaration,
}

impl Record {
    pub(super) fn new(method: &'static str, path: &str, declaration: Declaration) -> Self {
        Self { method, path: path.to_owned(), declaration }
    }

    /// A handler that answers wherever no route does.
    pub(super) fn everywhere(method: &'static str, declaration: Declaration) -> Self {
        Self::new(method, EVERYWHERE, declaration)
    }

    /// The same route below a prefix, joined as Axum joins them.
    pub(super) fn below(self, prefix: &str) -> Self {
        let path = match (prefix.strip_suffix('/'), self.path.as_str()) {
            (None, "/") => prefix.to_owned(),
            (stripped, path) => format!("{}{path}", stripped.unwrap_or(prefix)),
        };
        Self { path, ..self }
    }

    pub(super) fn to_route(&self) -> Route {
        let (access, source) = match self.declaration {
            Declaration::Guarded { requirement, checks, source } => {
                let checks = checks.iter().map(|&check| check.to_owned());
                (Access::guarded((&requirement).into(), checks), source)
            }
            Declaration::Public { reason, source } => (Access::Public(reason.to_owned()), source),
        };
        Route::new(self.method, &self.path, access).at(Handler::new(source.name, source.file, source.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_axum_joins_them() {
        let source = Source { name: "handler", file: "file.rs", line: 1 };
        let record = |path| Record::new("GET", path, Declaration::Public { reason: "a test", source });
        for (prefix, path, joined) in [
            ("/a", "/b", "/a/b"),
            ("/a", "/", "/a"),
            ("/a/", "/b", "/a/b"),
            ("/a/", "/", "/a/"),
            ("/a/{id}", "/{*rest}", "/a/{id}/{*rest}"),
        ] {
            assert_eq!(record(path).below(prefix).path, joined, "{prefix} and {path}");
        }
    }
}

//! A route and its access.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use crate::policy::Rule;
use crate::printable::Printable;

/// The order in which the methods of one path are listed; other methods follow.
const ORDER: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY", "OTHER"];

/// Who may call a route.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// Everyone, for this reason.
    Public(String),
    /// Callers whose token meets the rule.
    Guarded(Rule),
    /// Callers whose token meets the rule, if the checks of the resource allow the request.
    Checked {
        /// The rule.
        rule: Rule,
        /// The paths of the checks, starting with the crate, however they are imported. Their verdicts depend on the
        /// request.
        checks: BTreeSet<String>,
    },
}

impl Access {
    /// Creates the access of a rule with its checks, if it has any.
    pub(crate) fn guarded(rule: Rule, checks: impl IntoIterator<Item = String>) -> Self {
        let checks: BTreeSet<String> = checks.into_iter().collect();
        if checks.is_empty() { Self::Guarded(rule) } else { Self::Checked { rule, checks } }
    }

    /// Returns the rule; `None` if the route is public.
    #[must_use]
    pub fn rule(&self) -> Option<&Rule> {
        match self {
            Self::Public(_) => None,
            Self::Guarded(rule) | Self::Checked { rule, .. } => Some(rule),
        }
    }

    /// Returns the paths of the checks, sorted.
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        let checks = match self {
            Self::Checked { checks, .. } => Some(checks),
            Self::Public(_) | Self::Guarded(_) => None,
        };
        checks.into_iter().flatten().map(String::as_str)
    }
}

/// `public: …`, or the rule in normal form followed by its checks, as an attribute is written.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(reason) => write!(f, "public: {}", Printable(reason)),
            Self::Guarded(rule) => rule.fmt(f),
            Self::Checked { rule, checks } => {
                // A check implies a verified token, so an attribute with checks leaves `authenticated` out.
                let rule = Some(rule.to_string()).filter(|rule| rule != "authenticated");
                let checks = checks.iter().map(|check| format!("check = {}", Printable(check)));
                f.write_str(&rule.into_iter().chain(checks).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Where the handler of a route is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handler {
    name: String,
    file: String,
    line: u32,
}

impl Handler {
    pub(crate) fn new(name: impl Into<String>, file: impl Into<String>, line: u32) -> Self {
        Self { name: name.into(), file: file.into(), line }
    }

    /// Returns the handler's module path and name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the file, as the compiler names it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }
}

/// `todos::handlers::list (src/handlers.rs:40)`.
impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", Printable(&self.name), Printable(&self.file), self.line)
    }
}

/// A route: a method, a path, and who may call it.
///
/// The method `ANY` stands for every method without a handler of its own. `OTHER` stands for the methods that have no route on
/// the path, if a fallback answers them. A service nested at `/files` has the path `/files/{*}`; the fallback of a router
/// nested there has the path `/files/*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    method: String,
    path: String,
    access: Access,
    handler: Option<Handler>,
}

impl Route {
    /// Creates a route without a handler.
    #[must_use]
    pub fn new(method: impl Into<String>, path: impl Into<String>, access: Access) -> Self {
        Self { method: method.into(), path: path.into(), access, handler: None }
    }

    pub(crate) fn at(self, handler: Handler) -> Self {
        Self { handler: Some(handler), ..self }
    }

    pub(super) fn without_handler(self) -> Self {
        Self { handler: None, ..self }
    }

    /// Returns the method, in capitals.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path, with `{…}` for its parameters.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns who may call the route.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Returns the handler; `None` in a matrix that was kept without handlers.
    #[must_use]
    pub fn handler(&self) -> Option<&Handler> {
        self.handler.as_ref()
    }

    /// Returns `true` unless the route is a fallback.
    pub(super) fn is_endpoint(&self) -> bool {
        !self.path.ends_with("/*") && self.method != "OTHER"
    }

    /// Returns `true` for a nested service.
    pub(super) fn is_service(&self) -> bool {
        self.path.ends_with("/{*}")
    }

    /// Returns `true` if the route answers the methods that no other route takes on its path.
    pub(super) fn is_other(&self) -> bool {
        self.method == "OTHER"
    }

    /// Compares by path, then by method in the usual order; fallbacks come last.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        sort_key(&self.method, &self.path).cmp(&sort_key(&other.method, &other.path))
    }
}

/// The sort key of a row.
pub(super) fn sort_key<'a>(method: &'a str, path: &'a str) -> (bool, &'a str, usize, &'a str) {
    let rank = ORDER.iter().position(|known| *known == method).unwrap_or(ORDER.len());
    (path.ends_with("/*"), path, rank, method)
}

/// `DELETE /todos/{id}`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Printable(&self.method), Printable(&self.path))
    }
}

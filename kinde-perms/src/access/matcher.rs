//! The matcher: finds the row that answers a request, as Axum finds its route.
//!
//! Building:
//!
//! 1. [`Matcher::of`] starts with the rows of `/*`, the root's fallback, which every router of Axum has.
//! 2. `insert` groups the rows by path into [`PathRows`]. `PathRows::of` reads the path as patterns: one for a route, three
//!    for a nested service (prefix, prefix with a slash, everything below), two for a nested fallback.
//! 3. `insert_patterns` gives the patterns to one of two `matchit` routers: `routes` or `fallbacks`. Their values are
//!    indices into `paths`.
//! 4. A row becomes `conflicting` if `matchit` refuses a pattern, or `PathRows::accepts` returns `false`.
//!
//! Looking up: [`Matcher::answer`] finds the path by `index_of`: in `routes`, or else in `fallbacks`, or else the root's
//! fallback if the matrix has one. Then `PathRows::row` chooses the row by method: its own, `GET` for `HEAD`, `ANY`, `OTHER`.

use std::collections::HashMap;
use std::fmt;

use super::Route;
use super::pattern::Pattern;

/// The row that answers a request, or the reason why no row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteMatch<'m> {
    /// This row of the matrix answers it.
    Route(&'m Route),
    /// 405: the path has rows, but none for this method.
    MethodNotAllowed,
    /// 404: no row has the path.
    NotFound,
}

impl<'m> RouteMatch<'m> {
    /// Returns the row; `None` if Axum itself answers.
    #[must_use]
    pub fn route(self) -> Option<&'m Route> {
        match self {
            Self::Route(route) => Some(route),
            Self::MethodNotAllowed | Self::NotFound => None,
        }
    }
}

/// Finds the row of a matrix that answers a request; made by [`AccessMatrix::matcher`](super::AccessMatrix::matcher).
///
/// Paths are matched as in Axum: by `matchit`, and in two steps. Routes and services come first; fallbacks only if no route or
/// service has the path, whatever its methods.
#[derive(Clone)]
pub struct Matcher<'m> {
    routes: matchit::Router<usize>,
    fallbacks: matchit::Router<Option<usize>>,
    root: Option<usize>,
    paths: Vec<PathRows<'m>>,
    conflicting: Vec<&'m Route>,
}

/// The rows of one path.
#[derive(Clone, Debug)]
pub(super) struct PathRows<'m> {
    pub(super) path: &'m str,
    pub(super) rows: Vec<&'m Route>,
    pub(super) patterns: Vec<Pattern>,
    fallback: bool,
}

impl<'m> PathRows<'m> {
    fn of(path: &'m str) -> Option<Self> {
        let fallback = path.strip_suffix("/*");
        let patterns = match (fallback, path.strip_suffix("/{*}")) {
            (Some(""), _) => vec![Pattern::parse("/")?, Pattern::parse("/{*_}")?],
            // Axum gives `/prefix/` to a nested service, and not to the fallback of a nested router.
            (Some(prefix), _) => subtree(prefix, false)?,
            (None, Some(prefix)) => subtree(prefix, true)?,
            (None, None) => vec![Pattern::parse(path)?],
        };
        Some(Self { path, rows: Vec::new(), patterns, fallback: fallback.is_some() })
    }

    /// Returns `true` if a router could have the row beside the others: their methods differ. A fallback takes every method,
    /// so none is left for `OTHER`.
    fn accepts(&self, row: &Route) -> bool {
        let vacuous = self.fallback && row.method() == "OTHER";
        !vacuous && self.rows.iter().all(|other| other.method() != row.method())
    }

    /// Returns `true` if a row answers some method on its path.
    fn serves_requests(&self, row: &Route) -> bool {
        let method = if matches!(row.method(), "ANY" | "OTHER") { "" } else { row.method() };
        self.row(method).is_some_and(|winner| std::ptr::eq(winner, row))
    }

    /// Returns the row that answers a method. A method without a row, such as the empty one, stands for all of them.
    pub(super) fn row(&self, method: &str) -> Option<&'m Route> {
        let find = |method| self.rows.iter().find(|row| row.method() == method).copied();
        let own = if matches!(method, "ANY" | "OTHER") { None } else { find(method) };
        let stand_in = || if method == "HEAD" { find("GET") } else { None };
        own.or_else(stand_in).or_else(|| find("ANY")).or_else(|| find("OTHER"))
    }
}

/// Returns the patterns of a prefix and of everything below it.
fn subtree(prefix: &str, with_slash: bool) -> Option<Vec<Pattern>> {
    let prefix = Pattern::parse(prefix)?;
    let slash = if with_slash { prefix.with_slash() } else { None };
    let tail = prefix.with_tail();
    Some([prefix].into_iter().chain(slash).chain([tail]).collect())
}

impl<'m> Matcher<'m> {
    pub(super) fn of(routes: &'m [Route]) -> Self {
        let root = PathRows::of("/*").into_iter().collect();
        let mut matcher = Self {
            routes: matchit::Router::new(),
            fallbacks: matchit::Router::new(),
            root: None,
            paths: root,
            conflicting: Vec::new(),
        };
        matcher.insert(routes);
        matcher
    }

    /// Inserts the rows. Index 0 is the root's fallback.
    fn insert(&mut self, routes: &'m [Route]) {
        let mut by_path: HashMap<&str, Option<usize>> = HashMap::from([("/*", Some(0))]);
        self.root = routes.iter().any(|row| row.path() == "/*" && row.method() != "OTHER").then_some(0);
        self.insert_patterns(0);
        for row in routes {
            let at = *by_path.entry(row.path()).or_insert_with(|| {
                self.paths.push(PathRows::of(row.path())?);
                let at = self.paths.len().saturating_sub(1);
                self.insert_patterns(at).then_some(at)
            });
            let path_rows = at.and_then(|at| self.paths.get_mut(at));
            match path_rows.filter(|path_rows| path_rows.accepts(row)) {
                Some(path_rows) => path_rows.rows.push(row),
                None => self.conflicting.push(row),
            }
        }
    }

    /// Inserts the patterns of a path; returns `false` if Axum would refuse one beside those inserted before.
    fn insert_patterns(&mut self, at: usize) -> bool {
        let Some(path_rows) = self.paths.get(at) else { return false };
        let root = self.root;
        path_rows.patterns.iter().map(ToString::to_string).all(|pattern| {
            if path_rows.fallback {
                self.fallbacks.insert(pattern, if at == 0 { root } else { Some(at) }).is_ok()
            } else {
                self.routes.insert(pattern, at).is_ok()
            }
        })
    }

    /// Returns the row that answers a request in a router with these routes. The path is that of the URI, undecoded.
    ///
    /// Of rows that no router can have together, such as two with one method and path, the first in the matrix answers.
    ///
    /// ```
    /// use kinde_perms::access::{Access, AccessMatrix, RouteMatch, Route};
    ///
    /// let open = |method, path| Route::new(method, path, Access::Public("an example".to_owned()));
    /// let matrix: AccessMatrix =
    ///     [open("GET", "/todos/{id}"), open("ANY", "/files/{*}"), open("ANY", "/*")].into_iter().collect();
    /// let matcher = matrix.matcher();
    /// let answer = |method, path| matcher.answer(method, path).route().map(ToString::to_string);
    ///
    /// assert_eq!(answer("HEAD", "/todos/17").as_deref(), Some("GET /todos/{id}"));
    /// assert_eq!(answer("PUT", "/files/a/b").as_deref(), Some("ANY /files/{*}"));
    /// assert_eq!(answer("PUT", "/todos").as_deref(), Some("ANY /*"));
    /// assert_eq!(matcher.answer("PUT", "/todos/17"), RouteMatch::MethodNotAllowed);
    /// ```
    #[must_use]
    pub fn answer(&self, method: &str, path: &str) -> RouteMatch<'m> {
        match self.rows_at(path) {
            Some(path_rows) => path_rows.row(method).map_or(RouteMatch::MethodNotAllowed, RouteMatch::Route),
            None => RouteMatch::NotFound,
        }
    }

    /// Returns the rows that answer no request, because other rows have all their paths or methods.
    #[must_use]
    pub fn shadowed(&self) -> Vec<&'m Route> {
        let (unused_letter, depth) = (unused_letter([self]), self.depth());
        let wins = |path_rows: &PathRows<'m>, path: &str| {
            self.rows_at(path).is_some_and(|winner| std::ptr::eq(winner, path_rows))
        };
        let has_paths = |path_rows: &PathRows<'m>| {
            let paths = path_rows.patterns.iter().flat_map(|pattern| pattern.requests(unused_letter, depth));
            // The root's fallback also answers requests without a path: `OPTIONS *`.
            [String::new()].into_iter().chain(paths).any(|path| wins(path_rows, &path))
        };
        let shadowed = |path_rows: &PathRows<'m>| {
            let none = !has_paths(path_rows);
            path_rows
                .rows
                .iter()
                .copied()
                .filter(|row| none || !path_rows.serves_requests(row))
                .collect::<Vec<_>>()
        };
        self.paths.iter().flat_map(shadowed).collect()
    }

    /// Returns the number of segments of the longest pattern.
    pub(super) fn depth(&self) -> usize {
        self.patterns().map(Pattern::depth).max().unwrap_or(0)
    }

    fn rows_at(&self, path: &str) -> Option<&PathRows<'m>> {
        self.index_of(path).and_then(|at| self.paths.get(at))
    }

    /// Returns the index of the path rows that answer a path.
    pub(super) fn index_of(&self, path: &str) -> Option<usize> {
        let fallback = || self.fallbacks.at(path).map_or(self.root, |found| *found.value);
        self.routes.at(path).map_or_else(|_| fallback(), |found| Some(*found.value))
    }

    pub(super) fn paths(&self) -> &[PathRows<'m>] {
        &self.paths
    }

    /// Returns every pattern, those of the root's fallback first.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.paths.iter().flat_map(|path_rows| &path_rows.patterns)
    }

    /// Returns the rows that no router can have beside the others.
    pub(super) fn conflicting(&self) -> &[&'m Route] {
        &self.conflicting
    }
}

/// Returns a letter that occurs in no pattern.
pub(super) fn unused_letter<const N: usize>(matchers: [&Matcher<'_>; N]) -> char {
    let has =
        |letter| matchers.iter().any(|matcher| matcher.patterns().any(|pattern| pattern.contains(letter)));
    ['~', '_', '0'].into_iter().chain('\u{e000}'..='\u{f8ff}').find(|letter| !has(*letter)).unwrap_or('~')
}

impl fmt::Debug for Matcher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher").field("paths", &self.paths).finish_non_exhaustive()
    }
}

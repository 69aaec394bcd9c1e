//! The look-up of the row that answers a request.

use std::collections::HashMap;
use std::fmt;

use super::Route;
use super::pattern::Pattern;

/// The outcome of a request in a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer<'m> {
    /// This row of the matrix answers it.
    Route(&'m Route),
    /// The path has rows, but none for this method: 405.
    MethodNotAllowed,
    /// No row has the path: 404.
    NotFound,
}

impl<'m> Answer<'m> {
    /// Returns the row that answers; `None` if nobody but Axum itself does.
    #[must_use]
    pub fn route(self) -> Option<&'m Route> {
        match self {
            Self::Route(route) => Some(route),
            Self::MethodNotAllowed | Self::NotFound => None,
        }
    }
}

/// The rows of a matrix, found by request as Axum finds its routes; made by [`AccessMatrix::matcher`](super::AccessMatrix::matcher).
///
/// Paths are matched by `matchit`, which Axum matches them with, in two steps as in Axum: the routes and services first;
/// the fallbacks only if none of those has the path, whatever the method.
#[derive(Clone)]
pub struct Matcher<'m> {
    routes: matchit::Router<usize>,
    fallbacks: matchit::Router<Option<usize>>,
    root: Option<usize>,
    tables: Vec<Table<'m>>,
    stray: Vec<&'m Route>,
}

/// The rows of one path.
#[derive(Clone, Debug)]
pub(super) struct Table<'m> {
    pub(super) path: &'m str,
    pub(super) rows: Vec<&'m Route>,
    pub(super) patterns: Vec<Pattern>,
    fallback: bool,
}

impl<'m> Table<'m> {
    fn of(path: &'m str) -> Option<Self> {
        let fallback = path.strip_suffix("/*");
        let patterns = match (fallback, path.strip_suffix("/{*}")) {
            (Some(""), _) => vec![Pattern::parse("/")?, Pattern::parse("/{*_}")?],
            // Of the prefix with a slash at its end, Axum leaves the nested router without, and the service not.
            (Some(prefix), _) => below(prefix, false)?,
            (None, Some(prefix)) => below(prefix, true)?,
            (None, None) => vec![Pattern::parse(path)?],
        };
        Some(Self { path, rows: Vec::new(), patterns, fallback: fallback.is_some() })
    }

    /// Returns `true` if a router could have the row beside the others; the method of a fallback is never refused, so that
    /// there is no other.
    fn takes(&self, row: &Route) -> bool {
        let vacuous = self.fallback && row.method() == "OTHER";
        !vacuous && self.rows.iter().all(|other| other.method() != row.method())
    }

    /// Returns `true` if a row has a method that no other row of the path takes before it.
    fn reaches(&self, row: &Route) -> bool {
        let method = if matches!(row.method(), "ANY" | "OTHER") { "" } else { row.method() };
        self.row(method).is_some_and(|winner| std::ptr::eq(winner, row))
    }

    /// Returns the row that takes a method; the method of no request, such as the empty one, stands for all that have no row.
    pub(super) fn row(&self, method: &str) -> Option<&'m Route> {
        let find = |method| self.rows.iter().find(|row| row.method() == method).copied();
        let own = if matches!(method, "ANY" | "OTHER") { None } else { find(method) };
        let stand_in = || if method == "HEAD" { find("GET") } else { None };
        own.or_else(stand_in).or_else(|| find("ANY")).or_else(|| find("OTHER"))
    }
}

/// Returns the patterns of a prefix and of what is below it.
fn below(prefix: &str, with_slash: bool) -> Option<Vec<Pattern>> {
    let prefix = Pattern::parse(prefix)?;
    let slash = if with_slash { prefix.with_slash() } else { None };
    let tail = prefix.with_tail();
    Some([prefix].into_iter().chain(slash).chain([tail]).collect())
}

impl<'m> Matcher<'m> {
    pub(super) fn of(routes: &'m [Route]) -> Self {
        let root = Table::of("/*").into_iter().collect();
        let mut matcher = Self {
            routes: matchit::Router::new(),
            fallbacks: matchit::Router::new(),
            root: None,
            tables: root,
            stray: Vec::new(),
        };
        matcher.insert(routes);
        matcher
    }

    /// Puts the rows in order; the first table, of the root fallback, is there in every router of Axum.
    fn insert(&mut self, routes: &'m [Route]) {
        let mut by_path: HashMap<&str, Option<usize>> = HashMap::from([("/*", Some(0))]);
        self.root = routes.iter().any(|row| row.path() == "/*" && row.method() != "OTHER").then_some(0);
        self.place(0);
        for row in routes {
            let at = *by_path.entry(row.path()).or_insert_with(|| {
                self.tables.push(Table::of(row.path())?);
                let at = self.tables.len().saturating_sub(1);
                self.place(at).then_some(at)
            });
            let table = at.and_then(|at| self.tables.get_mut(at));
            match table.filter(|table| table.takes(row)) {
                Some(table) => table.rows.push(row),
                None => self.stray.push(row),
            }
        }
    }

    /// Inserts the patterns of a table; returns `false` if Axum would refuse one beside those that are there.
    fn place(&mut self, at: usize) -> bool {
        let Some(table) = self.tables.get(at) else { return false };
        let root = self.root;
        table.patterns.iter().map(ToString::to_string).all(|pattern| {
            if table.fallback {
                self.fallbacks.insert(pattern, if at == 0 { root } else { Some(at) }).is_ok()
            } else {
                self.routes.insert(pattern, at).is_ok()
            }
        })
    }

    /// Returns what a router with these routes does with a request; the path is the one of the URI, as Axum sees it.
    ///
    /// Rows that no router can have together, such as two of one method and path, are beyond the question: the first that
    /// was inserted answers.
    ///
    /// ```
    /// use kinde_perms::access::{Access, AccessMatrix, Answer, Route};
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
    /// assert_eq!(matcher.answer("PUT", "/todos/17"), Answer::MethodNotAllowed);
    /// ```
    #[must_use]
    pub fn answer(&self, method: &str, path: &str) -> Answer<'m> {
        match self.table(path) {
            Some(table) => table.row(method).map_or(Answer::MethodNotAllowed, Answer::Route),
            None => Answer::NotFound,
        }
    }

    /// Returns the rows that answer no request at all, as others have all their paths or methods.
    #[must_use]
    pub fn shadowed(&self) -> Vec<&'m Route> {
        let (fresh, depth) = (fresh([self]), self.depth());
        let wins = |table: &Table<'m>, path: &str| {
            self.table(path).is_some_and(|winner| std::ptr::eq(winner, table))
        };
        let has_paths = |table: &Table<'m>| {
            let paths = table.patterns.iter().flat_map(|pattern| pattern.requests(fresh, depth));
            // The root's fallback has the requests without a path, too: `OPTIONS *`.
            [String::new()].into_iter().chain(paths).any(|path| wins(table, &path))
        };
        let shadowed = |table: &Table<'m>| {
            let none = !has_paths(table);
            table.rows.iter().copied().filter(|row| none || !table.reaches(row)).collect::<Vec<_>>()
        };
        self.tables.iter().flat_map(shadowed).collect()
    }

    /// Returns the most segments that a pattern has.
    pub(super) fn depth(&self) -> usize {
        self.patterns().map(Pattern::depth).max().unwrap_or(0)
    }

    fn table(&self, path: &str) -> Option<&Table<'m>> {
        self.table_at(path).and_then(|at| self.tables.get(at))
    }

    /// Returns the place of the table that has a path.
    pub(super) fn table_at(&self, path: &str) -> Option<usize> {
        let fallback = || self.fallbacks.at(path).map_or(self.root, |found| *found.value);
        self.routes.at(path).map_or_else(|_| fallback(), |found| Some(*found.value))
    }

    pub(super) fn tables(&self) -> &[Table<'m>] {
        &self.tables
    }

    /// Returns every pattern, those of the root's fallback first.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.tables.iter().flat_map(|table| &table.patterns)
    }

    /// Returns the rows that no router can have beside the others.
    pub(super) fn stray(&self) -> &[&'m Route] {
        &self.stray
    }
}

/// Returns a letter that no pattern has.
pub(super) fn fresh<const N: usize>(matchers: [&Matcher<'_>; N]) -> char {
    let has =
        |letter| matchers.iter().any(|matcher| matcher.patterns().any(|pattern| pattern.contains(letter)));
    ['~', '_', '0'].into_iter().chain('\u{e000}'..='\u{f8ff}').find(|letter| !has(*letter)).unwrap_or('~')
}

impl fmt::Debug for Matcher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher").field("tables", &self.tables).finish_non_exhaustive()
    }
}

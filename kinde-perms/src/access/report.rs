//! The content that text, Markdown and HTML have in common: two tables, conditions and remarks.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::findings::Finding;
use super::reach::{Caller, Reach};
use super::{Access, AccessMatrix, Route};
use crate::printable::Printable;

/// A piece of text on one line, with its kind. Its constructors escape invisible characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the program tells all of them apart")]
pub enum Cell {
    /// Words for people.
    Words(String),
    /// A name, a path or a rule.
    Code(String),
    /// Whether a caller reaches a route.
    Mark(Mark, String),
}

/// Whether a caller reaches a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the program tells all of them apart")]
pub enum Mark {
    /// The caller does.
    Yes,
    /// The caller does not.
    No,
    /// The caller does under a condition.
    If,
}

impl Cell {
    pub(super) fn words(text: impl Display) -> Self {
        Self::Words(Printable(text).to_string())
    }

    pub(super) fn code(text: impl Display) -> Self {
        Self::Code(Printable(text).to_string())
    }

    fn mark(mark: Mark, text: impl Display) -> Self {
        Self::Mark(mark, Printable(text).to_string())
    }

    pub(super) fn text(&self) -> &str {
        let (Self::Words(text) | Self::Code(text) | Self::Mark(_, text)) = self;
        text
    }
}

/// Cells in rows and columns.
#[derive(Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "the program draws all of it")]
pub struct Table {
    /// The names of the columns.
    pub head: Vec<Cell>,
    /// A cell for each column in each row.
    pub rows: Vec<Vec<Cell>>,
}

/// One sentence, in pieces.
pub(super) type Sentence = Vec<Cell>;

#[derive(Debug)]
pub(super) struct Report {
    pub(super) routes: Table,
    /// The table of roles, if the catalogue has any.
    pub(super) roles: Option<Table>,
    /// The conditions that the numbers in the table of roles refer to.
    pub(super) conditions: Vec<Cell>,
    pub(super) remarks: Vec<Sentence>,
}

impl Report {
    pub(super) fn of(matrix: &AccessMatrix) -> Self {
        let mut conditions = Vec::new();
        let has_roles = matrix.catalogue().roles().next().is_some();
        let roles = has_roles.then(|| role_table(matrix, &mut conditions));
        let remarks = matrix.findings().iter().map(remark).collect();
        Self { routes: route_table(matrix), roles, conditions, remarks }
    }
}

fn route_table(matrix: &AccessMatrix) -> Table {
    let with_handlers = matrix.routes().iter().any(|route| route.handler().is_some());
    let mut head = vec![Cell::words("METHOD"), Cell::words("PATH"), Cell::words("ACCESS")];
    if with_handlers {
        head.push(Cell::words("HANDLER"));
    }
    let rows = lines(matrix).into_iter().map(|(name, route)| {
        let handler = route.handler().map(|handler| Cell::code(handler.to_string()));
        name.into_iter().chain([access(route.access())]).chain(handler).collect()
    });
    Table { head, rows: rows.collect() }
}

/// Returns a line for each route, with its method and path.
///
/// If one handler answers `OTHER` on every path that can have it, these routes share one line, after all others.
fn lines(matrix: &AccessMatrix) -> Vec<([Cell; 2], &Route)> {
    let routes = || matrix.routes().iter();
    let name = |route: &Route| [Cell::words(route.method()), Cell::code(route.path())];
    match other_on_every_path(matrix) {
        None => routes().map(|route| (name(route), route)).collect(),
        Some(other) => {
            let own = routes().filter(|route| !route.is_other()).map(|route| (name(route), route));
            own.chain([([Cell::words(other.method()), Cell::words("each path")], other)]).collect()
        }
    }
}

/// Returns a route of `OTHER` that stands for all of them, if one line suffices.
///
/// The conditions are: there are several, all have the same handler and access, and only paths with a route of `ANY` lack one.
fn other_on_every_path(matrix: &AccessMatrix) -> Option<&Route> {
    let others = || matrix.routes().iter().filter(|route| route.is_other());
    let paths = |is: fn(&Route) -> bool| {
        matrix.routes().iter().filter(move |route| is(route)).map(Route::path).collect::<BTreeSet<_>>()
    };
    let [named, taken] = [paths(|route| !route.is_other()), paths(|route| route.method() == "ANY")];
    let first = others().next()?;
    let is_one = others().all(|other| (other.access(), other.handler()) == (first.access(), first.handler()));
    (is_one && others().count() > 1 && paths(Route::is_other).iter().eq(named.difference(&taken)))
        .then_some(first)
}

pub(super) fn access(access: &Access) -> Cell {
    match access {
        Access::Public(_) => Cell::words(access.to_string()),
        _ => Cell::code(access.to_string()),
    }
}

fn role_table(matrix: &AccessMatrix, conditions: &mut Vec<Cell>) -> Table {
    let callers: Vec<_> = matrix
        .catalogue()
        .roles()
        .map(|(role, permissions)| (role, Caller::Holder { role: Some(role), permissions }))
        .collect();
    let mut head = vec![Cell::words("METHOD"), Cell::words("PATH"), Cell::words("no token")];
    head.extend(callers.iter().map(|(role, _)| Cell::code(*role)));
    let all = [Caller::Anonymous].into_iter().chain(callers.iter().map(|(_, caller)| *caller));
    let rows = lines(matrix).into_iter().map(|(name, route)| {
        let marks = all.clone().map(|caller| mark(caller.reach(route.access()), conditions));
        name.into_iter().chain(marks.collect::<Vec<_>>()).collect()
    });
    Table { head, rows: rows.collect() }
}

/// Makes a cell of the table of roles. A condition is too long for a column, so the cell has its number in `conditions`.
fn mark(reach: Reach, conditions: &mut Vec<Cell>) -> Cell {
    let condition = match reach {
        Reach::Yes => return Cell::mark(Mark::Yes, "yes"),
        Reach::No => return Cell::mark(Mark::No, "-"),
        Reach::If(rule) => Cell::code(rule.to_string()),
    };
    let at = conditions.iter().position(|known| *known == condition).unwrap_or(conditions.len());
    if at == conditions.len() {
        conditions.push(condition);
    }
    Cell::mark(Mark::If, format!("if ({})", at.saturating_add(1)))
}

fn remark(finding: &Finding<'_>) -> Sentence {
    match finding {
        Finding::Unreached(route) => {
            vec![Cell::words("No role alone reaches "), Cell::code(route.to_string()), Cell::words(".")]
        }
        Finding::Shadowed(route) => vec![
            Cell::words("No request reaches "),
            Cell::code(route.to_string()),
            Cell::words(": other routes answer them all."),
        ],
        Finding::Covers(wide, narrow) => {
            let verb = Cell::words(" reaches every route that ");
            vec![Cell::words("Role "), Cell::code(*wide), verb, Cell::code(*narrow), Cell::words(" does.")]
        }
        Finding::Unused(key) => {
            vec![Cell::words("No route asks for permission "), Cell::code(*key), Cell::words(".")]
        }
        Finding::Unknown(key) => {
            vec![
                Cell::words("Permission "),
                Cell::code(key),
                Cell::words(" is asked for, and does not exist."),
            ]
        }
    }
}

//! A difference as text and as Markdown.

use std::fmt::{self, Write as _};

use super::diff::{Change, Who};
use super::report::{Cell, Table, access};
use super::text::plain;
use super::{Access, AccessDiff, markdown};

/// The title of a line about a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the program tells all of them apart")]
pub enum Title {
    /// Who could call it before.
    Was,
    /// Who can call it now.
    Now,
    /// Who gained access.
    Gained,
    /// Who lost access.
    Lost,
}

impl AccessDiff {
    /// Writes the difference as text; `show` writes its lines.
    pub(crate) fn shown(&self, show: &dyn Fn(Title, String) -> String) -> String {
        text(self, show)
    }

    /// Writes the difference as Markdown, for a pull request.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!("**{}**\n", headline(self));
        if self.is_empty() {
            return text;
        }
        let head = ["Method", "Path", "Was", "Now", "Gained", "Lost"].map(Cell::words).into();
        let rows = self.changes().iter().map(row).collect();
        text.push('\n');
        text.push_str(&markdown::table(&Table { head, rows }));
        text
    }
}

impl fmt::Display for AccessDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self, &|_, line| line))
    }
}

/// Writes the text; `show` writes each line of a change that is not empty.
fn text(diff: &AccessDiff, show: &dyn Fn(Title, String) -> String) -> String {
    let mut text = format!("{}\n", headline(diff));
    for change in diff.changes() {
        let _ = writeln!(text, "\n{}", plain(&Cell::words(format!("{} {}", change.method(), change.path()))));
        let lines = [
            (Title::Was, "was", plain(&side(change.before()))),
            (Title::Now, "now", plain(&side(change.after()))),
            (Title::Gained, "gained", names(change.gained())),
            (Title::Lost, "lost", names(change.lost())),
        ];
        for (title, name, content) in lines.iter().filter(|(.., content)| !content.is_empty()) {
            let _ = writeln!(text, "  {}", show(*title, format!("{name:<7} {content}")));
        }
    }
    text
}

fn headline(diff: &AccessDiff) -> &'static str {
    match (diff.is_empty(), diff.grants_access()) {
        (true, _) => "Access is unchanged.",
        (_, true) => "Somebody gained access.",
        _ => "Access changed; nobody gained any.",
    }
}

fn row(change: &Change) -> Vec<Cell> {
    vec![
        Cell::words(change.method()),
        Cell::code(change.path()),
        side(change.before()),
        side(change.after()),
        Cell::words(names(change.gained())),
        Cell::words(names(change.lost())),
    ]
}

fn side(side: Option<&Access>) -> Cell {
    side.map_or_else(|| Cell::words("no such route"), access)
}

fn names(who: &[Who]) -> String {
    plain(&Cell::words(who.iter().map(Who::to_string).collect::<Vec<_>>().join("; ")))
}

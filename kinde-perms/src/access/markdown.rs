//! Tables of GitHub Flavored Markdown, for a pull request or a page of documentation.

use std::fmt::Write as _;

use super::report::{Cell, Report, Table};

/// The characters that Markdown interprets within a line.
const SPECIAL: &str = "\\`*_{}[]<>#|~&";

pub(super) fn render(report: &Report) -> String {
    let mut text = table(&report.routes);
    if let Some(roles) = &report.roles {
        text.push('\n');
        text.push_str(&table(roles));
    }
    if !report.conditions.is_empty() {
        text.push('\n');
    }
    for (at, condition) in report.conditions.iter().enumerate() {
        let _ = writeln!(text, "{}. {}", at.saturating_add(1), cell(condition));
    }
    if !report.remarks.is_empty() {
        text.push('\n');
    }
    for remark in &report.remarks {
        let _ = writeln!(text, "- {}", remark.iter().map(cell).collect::<String>());
    }
    text
}

pub(super) fn table(table: &Table) -> String {
    let rule = table.head.iter().map(|_| Cell::words("---")).collect();
    let title = |head: &Cell| match head {
        Cell::Words(text) => Cell::words(capitalized(text)),
        other => other.clone(),
    };
    let mut text = line(&table.head.iter().map(title).collect::<Vec<_>>());
    text.push_str(&line::<Vec<_>>(&rule));
    table.rows.iter().for_each(|row| text.push_str(&line(row)));
    text
}

fn line<R: AsRef<[Cell]>>(row: &R) -> String {
    row.as_ref().iter().fold(String::from("|"), |line, piece| line + " " + &cell(piece) + " |") + "\n"
}

/// Turns `METHOD` into `Method`.
fn capitalized(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
    })
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Words(text) | Cell::Mark(_, text) => escaped(text),
        Cell::Code(text) => code(text),
    }
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        if SPECIAL.contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}

/// Writes a code span, fenced by more backticks than the text has in a row. `|` is escaped, because it would end a cell even
/// within a span.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    let most = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let (fence, space) = ("`".repeat(most.saturating_add(1)), if most == 0 { "" } else { " " });
    format!("{fence}{space}{text}{space}{fence}")
}

//! Aligned columns, for a terminal.

use std::fmt::Write as _;

use super::report::{Cell, Remark, Report, Table};

/// Writes the text with tables as they are drawn: by [`aligned`], or to fit a terminal.
pub(super) fn render(report: &Report, draw: &dyn Fn(&Table) -> String) -> String {
    let mut text = draw(&report.routes);
    if let Some(roles) = &report.roles {
        text.push('\n');
        text.push_str(&draw(roles));
    }
    for (at, condition) in report.conditions.iter().enumerate() {
        let _ = writeln!(text, "({}) {}", at.saturating_add(1), plain(condition));
    }
    if !report.remarks.is_empty() {
        text.push('\n');
    }
    for remark in &report.remarks {
        let _ = writeln!(text, "{}", sentence(remark));
    }
    text
}

/// Draws a table as wide as its cells are: the form that is pinned, compared and searched.
pub(super) fn aligned(table: &Table) -> String {
    let rows: Vec<Vec<String>> =
        [&table.head].into_iter().chain(&table.rows).map(|row| row.iter().map(plain).collect()).collect();
    let widths: Vec<usize> = (0..table.head.len()).map(|column| width(&rows, column)).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn width(rows: &[Vec<String>], column: usize) -> usize {
    rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
}

fn sentence(remark: &Remark) -> String {
    remark
        .iter()
        .map(|piece| match piece {
            Cell::Code(_) => format!("`{}`", plain(piece)),
            _ => plain(piece),
        })
        .collect()
}

/// The text of a cell, without what a format adds to it.
#[must_use]
pub fn plain(cell: &Cell) -> String {
    cell.text().to_owned()
}

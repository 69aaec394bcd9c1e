//! The text format: aligned columns.

use std::fmt::Write as _;

use super::report::{Cell, Report, Sentence, Table};

/// Writes the text; `draw` draws the tables: [`aligned`], or one that fits a terminal.
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

/// Draws a table whose columns are as wide as their longest cell. Users pin, compare and search this form.
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

fn sentence(remark: &Sentence) -> String {
    remark
        .iter()
        .map(|piece| match piece {
            Cell::Code(_) => format!("`{}`", plain(piece)),
            _ => plain(piece),
        })
        .collect()
}

/// Returns the text of a cell, without the markup of a format.
#[must_use]
pub fn plain(cell: &Cell) -> String {
    cell.text().to_owned()
}

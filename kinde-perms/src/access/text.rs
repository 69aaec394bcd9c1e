//! Aligned columns, for a terminal.

use std::fmt::Write as _;

use super::report::{Cell, Remark, Report, Table};

pub(super) fn render(report: &Report) -> String {
    let mut text = table(&report.routes);
    if let Some(roles) = &report.roles {
        text.push('\n');
        text.push_str(&table(roles));
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

fn table(table: &Table) -> String {
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
            Cell::Words(_) => plain(piece),
            Cell::Code(_) => format!("`{}`", plain(piece)),
        })
        .collect()
}

/// The text of a cell on one line, without anything a terminal would obey.
pub(super) fn plain(cell: &Cell) -> String {
    let (Cell::Words(text) | Cell::Code(text)) = cell;
    let shown = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

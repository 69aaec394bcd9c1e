//! `access show` and `access diff`.

use kinde_perms::__crates::{Title, diff_text, matrix_text};
use kinde_perms::access::{AccessDiff, AccessMatrix, Format};

use crate::arguments::Access;
use crate::output::{Failure, Output, read_matrix};
use crate::terminal::{Terminal, Tone};

pub(crate) fn run(command: &Access, json: bool, terminal: Terminal) -> Result<Output, Failure> {
    match command {
        Access::Show { file, format } => {
            let format = parsed(if json { "json" } else { format })?;
            Ok(Output::new(shown(&read_matrix(file)?, format, terminal), false))
        }
        Access::Diff { before, after, format } => {
            let format = parsed(if json { "json" } else { format })?;
            let diff = AccessDiff::between(&read_matrix(before)?, &read_matrix(after)?);
            let text = match format {
                Format::Text => diff_text(&diff, &|title, line| toned(title, &line, terminal)),
                Format::Markdown => diff.to_markdown(),
                Format::Json => diff.to_json(),
                _ => return Err(Failure::new("a difference is text, markdown or json")),
            };
            Ok(Output::new(text, diff.grants_access()))
        }
    }
}

fn shown(matrix: &AccessMatrix, format: Format, terminal: Terminal) -> String {
    match format {
        Format::Text if !terminal.is_plain() => matrix_text(matrix, &|table| terminal.draw(table)),
        _ => matrix.render(format),
    }
}

/// Paints gained access as bad, because a review is about it.
fn toned(title: Title, line: &str, terminal: Terminal) -> String {
    match title {
        Title::Was | Title::Now => line.to_owned(),
        Title::Gained => terminal.paint(Tone::Bad, line),
        Title::Lost => terminal.paint(Tone::Unsure, line),
    }
}

fn parsed(format: &str) -> Result<Format, Failure> {
    format.parse().map_err(|error| Failure::new(format!("`{format}`: {error}")))
}

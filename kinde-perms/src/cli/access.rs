//! `access show` and `access diff`.

use super::arguments::Access;
use super::output::{Failure, Output, read_matrix};
use crate::access::{AccessDiff, Format};

pub(super) fn run(command: &Access, json: bool) -> Result<Output, Failure> {
    match command {
        Access::Show { file, format } => {
            let format = parsed(if json { "json" } else { format })?;
            Ok(Output::new(read_matrix(file)?.render(format), false))
        }
        Access::Diff { before, after, format } => {
            let format = parsed(if json { "json" } else { format })?;
            let diff = AccessDiff::between(&read_matrix(before)?, &read_matrix(after)?);
            let text = match format {
                Format::Text => diff.to_string(),
                Format::Markdown => diff.to_markdown(),
                Format::Json => diff.to_json(),
                Format::Html => return Err(Failure("a difference is text, markdown or json".to_owned())),
            };
            Ok(Output::new(text, diff.grants_access()))
        }
    }
}

fn parsed(format: &str) -> Result<Format, Failure> {
    format.parse().map_err(|error| Failure(format!("`{format}`: {error}")))
}

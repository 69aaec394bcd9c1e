//! The formats of a matrix: each is written from one [`Report`], except JSON.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use super::report::Report;

use super::report::Table;
use super::{AccessMatrix, html, markdown, text};

impl AccessMatrix {
    /// Writes the matrix in a format.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => text::render(&Report::of(self), &text::aligned),
            Format::Markdown => markdown::render(&Report::of(self)),
            Format::Json => self.to_json(),
            Format::Html => html::render(&Report::of(self)),
        }
    }

    /// Writes the matrix as text; `draw` draws its tables.
    pub(crate) fn drawn(&self, draw: &dyn Fn(&Table) -> String) -> String {
        text::render(&Report::of(self), draw)
    }
}

impl fmt::Display for AccessMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Format::Text))
    }
}

/// A format of an [`AccessMatrix`]; parses from its name in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Aligned columns.
    Text,
    /// Tables of GitHub Flavored Markdown.
    Markdown,
    /// JSON, which [`AccessMatrix::from_json`] reads.
    Json,
    /// One HTML page that loads no other file, with a filter by role.
    Html,
}

impl Format {
    const ALL: [(&'static str, Self); 4] =
        [("text", Self::Text), ("markdown", Self::Markdown), ("json", Self::Json), ("html", Self::Html)];
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| format).ok_or(UnknownFormat(()))
    }
}

/// Error for an unknown format name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat(());

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Format::ALL.map(|(name, _)| name);
        write!(f, "unknown format; there are {}", names.join(", "))
    }
}

impl Error for UnknownFormat {}

//! What a command comes to.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::terminal::{Terminal, Tone};
use crate::access::AccessMatrix;
use crate::printable::{self, Printable};

/// The text for standard output, and the exit status.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) status: u8,
}

/// Why there is none, with the cure; the exit status is 2.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) message: String,
    /// The file that is at fault, if it is one; the message names it, too.
    pub(super) file: Option<String>,
}

impl Failure {
    /// Creates a failure whose message is one line.
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Self { message: Printable(message).to_string(), file: None }
    }

    /// Creates a failure whose message has several lines.
    pub(super) fn lines(lines: impl IntoIterator<Item = impl fmt::Display>) -> Self {
        let lines: Vec<String> = lines.into_iter().map(|line| Printable(line).to_string()).collect();
        Self { message: lines.join("\n"), file: None }
    }

    /// `file: why`
    pub(super) fn of(file: &Path, why: impl fmt::Display) -> Self {
        let file = file.display().to_string();
        Self::new(format_args!("{file}: {why}")).with_file(file)
    }

    /// Adds the file that is at fault.
    pub(super) fn with_file(self, file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// What standard error gets: a line for people, or an object on one line for programs.
    pub(super) fn shown(&self, json: bool, terminal: Terminal) -> String {
        let Self { message, file } = self;
        if !json {
            return format!("{} {message}\n", terminal.paint(Tone::Bad, "error:"));
        }
        let mut error = json!({ "message": message });
        if let (Some(members), Some(file)) = (error.as_object_mut(), file) {
            members.insert("file".to_owned(), json!(file));
        }
        printable::json(&format!("{}\n", json!({ "error": error })))
    }
}

impl Output {
    pub(super) fn new(text: String, bad: bool) -> Self {
        Self { text, status: u8::from(bad) }
    }

    pub(super) fn json(value: &Value, bad: bool) -> Self {
        Self::new(printable::json(&format!("{value:#}\n")), bad)
    }
}

pub(super) fn read_matrix(file: &Path) -> Result<AccessMatrix, Failure> {
    let cure = "write one with `router.access().to_json()`";
    let failed = |error: &dyn fmt::Display| Failure::of(file, format_args!("{error}; {cure}"));
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    AccessMatrix::from_json(&text).map_err(|error| failed(&error))
}

//! The results of commands: a text or a failure.

use std::fmt;
use std::fs;
use std::path::Path;

use kinde_perms::access::AccessMatrix;
use kinde_perms_policy::printable::{self, Printable};
use serde_json::{Value, json};

use crate::terminal::{Terminal, Tone};

/// The text for standard output, and the exit status.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) status: u8,
}

/// A failure with its cure; the exit status is 2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    /// The file at fault, if any; the message names it, too.
    pub(crate) file: Option<String>,
}

impl Failure {
    /// Creates a failure whose message is one line.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self { message: Printable(message).to_string(), file: None }
    }

    /// Creates a failure whose message has several lines.
    pub(crate) fn lines(lines: impl IntoIterator<Item = impl fmt::Display>) -> Self {
        let lines: Vec<String> = lines.into_iter().map(|line| Printable(line).to_string()).collect();
        Self { message: lines.join("\n"), file: None }
    }

    /// Creates a failure with the message `file: why`.
    pub(crate) fn of(file: &Path, why: impl fmt::Display) -> Self {
        let file = file.display().to_string();
        Self::new(format_args!("{file}: {why}")).with_file(file)
    }

    /// Adds the file that is at fault.
    pub(crate) fn with_file(self, file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// Writes the text for standard error: a line for people, or an object on one line for programs.
    pub(crate) fn shown(&self, json: bool, terminal: Terminal) -> String {
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
    pub(crate) fn new(text: String, bad: bool) -> Self {
        Self { text, status: u8::from(bad) }
    }

    pub(crate) fn json(value: &Value, bad: bool) -> Self {
        Self::new(printable::json(&format!("{value:#}\n")), bad)
    }
}

pub(crate) fn read_matrix(file: &Path) -> Result<AccessMatrix, Failure> {
    let cure = "write one with `router.access().to_json()`";
    let failed = |error: &dyn fmt::Display| Failure::of(file, format_args!("{error}; {cure}"));
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    AccessMatrix::from_json(&text).map_err(|error| failed(&error))
}

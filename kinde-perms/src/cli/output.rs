//! What a command comes to.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::terminal::{Terminal, Tone};
use crate::access::AccessMatrix;

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
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), file: None }
    }

    /// `file: why`
    pub(super) fn of(file: &Path, why: impl fmt::Display) -> Self {
        let file = file.display().to_string();
        Self { message: format!("{file}: {why}"), file: Some(file) }
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
        format!("{}\n", json!({ "error": error }))
    }
}

impl Output {
    pub(super) fn new(text: String, bad: bool) -> Self {
        Self { text, status: u8::from(bad) }
    }

    pub(super) fn json(value: &Value, bad: bool) -> Self {
        Self::new(format!("{value:#}\n"), bad)
    }
}

pub(super) fn read_matrix(file: &Path) -> Result<AccessMatrix, Failure> {
    let cure = "write one with `router.access().to_json()`";
    let failed = |error: &dyn fmt::Display| Failure::of(file, format_args!("{error}; {cure}"));
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    AccessMatrix::from_json(&text).map_err(|error| failed(&error))
}

//! What a command comes to.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::access::AccessMatrix;

/// The text for standard output, and the exit status.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) status: u8,
}

/// Why there is none, with the cure; the exit status is 2.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure(pub(super) String);

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
    let failed = |error: &dyn fmt::Display| Failure(format!("{}: {error}; {cure}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    AccessMatrix::from_json(&text).map_err(|error| failed(&error))
}

//! Finds the vectors that are not part of this repository.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;

const VARIABLE: &str = "KINDE_PERMS_VECTORS";

/// The directory that the environment names, if any.
#[derive(Clone, Debug)]
pub(crate) struct Directory(Option<PathBuf>);

/// A file of vectors.
pub(crate) enum File {
    /// No directory was named.
    NotGiven,
    /// A directory was named, but the file cannot be used.
    Broken(String),
    Read(Value),
}

impl Directory {
    #[expect(
        clippy::disallowed_methods,
        reason = "the vectors are the tests' own setting, not the product's"
    )]
    pub(crate) fn from_environment() -> Self {
        Self(std::env::var_os(VARIABLE).filter(|value| *value != OsString::new()).map(PathBuf::from))
    }

    pub(crate) fn is_given(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn read(&self, file: &str) -> File {
        let Some(directory) = &self.0 else { return File::NotGiven };
        let text = fs::read_to_string(directory.join(file)).map_err(|error| error.to_string());
        match text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string())) {
            Ok(vectors) => File::Read(vectors),
            Err(error) => File::Broken(format!("{file} in {VARIABLE}: {error}")),
        }
    }
}

/// Returns a trial that is reported as ignored, for absent vectors.
pub(crate) fn ignored(name: &str) -> Trial {
    let reason = format!("{VARIABLE} is not set");
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
}

/// Returns a trial that fails: the named directory must have the vectors.
pub(crate) fn broken(name: &str, error: String) -> Trial {
    Trial::test(name, move || Err(Failed::from(error)))
}

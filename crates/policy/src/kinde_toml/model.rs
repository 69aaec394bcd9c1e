//! The declarations of a manifest, as read from its file. `crate::Manifest` is the constant that `manifest!()` makes of
//! them.

use crate::fact::Literal;
use crate::kinds::Kind;

/// The type of a feature flag in Kinde.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagType {
    Boolean,
    Integer,
    String,
}

impl FlagType {
    pub const NAMES: [&str; 3] = ["boolean", "integer", "string"];

    pub fn find(name: &str) -> Option<Self> {
        match name {
            "boolean" => Some(Self::Boolean),
            "integer" => Some(Self::Integer),
            "string" => Some(Self::String),
            _ => None,
        }
    }

    /// Returns the type of flags that can equal a value.
    pub fn of<S>(value: &Literal<S>) -> Self {
        match value {
            Literal::Bool(_) => Self::Boolean,
            Literal::Integer(_) => Self::Integer,
            Literal::Text(_) => Self::String,
        }
    }

    /// Returns the type with its article, for messages: `a boolean`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::String => "a string",
        }
    }

    /// Returns an example of a value, as a rule writes it.
    pub fn example(self) -> &'static str {
        match self {
            Self::Boolean => "true",
            Self::Integer => "1",
            Self::String => "\"…\"",
        }
    }
}

/// A place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// A declared key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    pub key: String,
    /// The position of the declaration.
    pub at: Position,
    /// The description; empty if the file has none.
    pub description: String,
    /// The permissions of a role; empty for other keys.
    pub permissions: Vec<Bundled>,
    /// The type of a feature flag, if the file declares it.
    pub flag_type: Option<FlagType>,
}

/// A permission in the list of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundled {
    pub key: String,
    /// The position in the list.
    pub at: Position,
}

/// All declarations of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestFile {
    sections: Vec<(Kind, Vec<FileEntry>)>,
}

impl ManifestFile {
    /// Creates a manifest from the sections of a file, in which each kind stands once.
    pub fn new(sections: Vec<(Kind, Vec<FileEntry>)>) -> Self {
        Self { sections }
    }

    /// Returns the entries of a kind; empty if the file does not have its section.
    pub fn entries(&self, kind: Kind) -> &[FileEntry] {
        self.sections.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, entries)| entries)
    }

    /// Finds a declared key.
    pub fn find(&self, kind: Kind, key: &str) -> Option<&FileEntry> {
        self.entries(kind).iter().find(|entry| entry.key == key)
    }

    /// Returns `true` if keys of this kind must be declared: the file has the section, or the section is `always_enforced`.
    pub fn must_declare(&self, kind: Kind) -> bool {
        kind.section()
            .is_some_and(|section| section.always_enforced || self.sections.iter().any(|(of, _)| *of == kind))
    }

    /// Returns the keys of a kind.
    pub fn keys(&self, kind: Kind) -> Vec<&str> {
        self.entries(kind).iter().map(|entry| entry.key.as_str()).collect()
    }
}

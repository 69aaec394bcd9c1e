//! What a manifest says.

use crate::fact::Literal;
use crate::kinds::Kind;

/// The type a feature flag has in Kinde.
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

    /// The type that a flag must have to equal a value.
    pub fn of<S>(value: &Literal<S>) -> Self {
        match value {
            Literal::Bool(_) => Self::Boolean,
            Literal::Integer(_) => Self::Integer,
            Literal::Text(_) => Self::String,
        }
    }

    /// Such a value, in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::String => "a string",
        }
    }

    /// Such a value, as a rule writes it.
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
    /// Where it is declared.
    pub at: Position,
    /// For people; empty if nothing is said.
    pub description: String,
    /// The permissions that a role bundles.
    pub permissions: Vec<Bundled>,
    /// The type of a feature flag, if it is said.
    pub flag_type: Option<FlagType>,
}

/// A permission in the list of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundled {
    pub key: String,
    /// Where it is written.
    pub at: Position,
}

/// Everything that is declared, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestFile {
    sections: Vec<(Kind, Vec<FileEntry>)>,
}

impl ManifestFile {
    /// Joins the sections of a file, each of which it has once.
    pub fn new(sections: Vec<(Kind, Vec<FileEntry>)>) -> Self {
        Self { sections }
    }

    /// The keys of a kind; none if the file does not have its section.
    pub fn entries(&self, kind: Kind) -> &[FileEntry] {
        self.sections.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, entries)| entries)
    }

    /// Finds a declared key.
    pub fn find(&self, kind: Kind, key: &str) -> Option<&FileEntry> {
        self.entries(kind).iter().find(|entry| entry.key == key)
    }

    /// Whether keys of this kind must be declared: the file has its section, or should have it.
    pub fn governs(&self, kind: Kind) -> bool {
        kind.section()
            .is_some_and(|section| section.complete || self.sections.iter().any(|(of, _)| *of == kind))
    }

    /// The keys of a kind, for finding the nearest one.
    pub fn keys(&self, kind: Kind) -> Vec<&str> {
        self.entries(kind).iter().map(|entry| entry.key.as_str()).collect()
    }
}

//! What a manifest says.

use crate::fact::Literal;

/// A section of the manifest; each declares the keys of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Permissions,
    Roles,
    FeatureFlags,
    Entitlements,
    Scopes,
}

impl Section {
    /// All of them, in the order in which they are written best.
    pub const ALL: [Self; 5] =
        [Self::Permissions, Self::Roles, Self::FeatureFlags, Self::Entitlements, Self::Scopes];

    /// The section's name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Permissions => "permissions",
            Self::Roles => "roles",
            Self::FeatureFlags => "feature_flags",
            Self::Entitlements => "entitlements",
            Self::Scopes => "scopes",
        }
    }

    /// One key of the section, in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Permissions => "permission",
            Self::Roles => "role",
            Self::FeatureFlags => "feature flag",
            Self::Entitlements => "entitlement",
            Self::Scopes => "scope",
        }
    }

    /// What may be said about a key of the section.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Permissions | Self::Entitlements | Self::Scopes => &["description"],
            Self::Roles => &["description", "permissions"],
            Self::FeatureFlags => &["description", "type"],
        }
    }
}

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
pub struct Entry {
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
pub struct Manifest {
    sections: Vec<(Section, Vec<Entry>)>,
}

impl Manifest {
    pub fn new(sections: Vec<(Section, Vec<Entry>)>) -> Self {
        Self { sections }
    }

    /// The keys of a section; none if the file does not have it.
    pub fn entries(&self, section: Section) -> &[Entry] {
        self.sections.iter().find(|(name, _)| *name == section).map_or(&[], |(_, entries)| entries)
    }

    /// Finds a declared key.
    pub fn find(&self, section: Section, key: &str) -> Option<&Entry> {
        self.entries(section).iter().find(|entry| entry.key == key)
    }

    /// Whether keys of this section must be declared. OAuth has scopes of its own, so those are only compared if
    /// the file lists them.
    pub fn governs(&self, section: Section) -> bool {
        section != Section::Scopes || self.sections.iter().any(|(name, _)| *name == section)
    }

    /// The keys of a section, for finding the nearest one.
    pub fn keys(&self, section: Section) -> Vec<&str> {
        self.entries(section).iter().map(|entry| entry.key.as_str()).collect()
    }
}

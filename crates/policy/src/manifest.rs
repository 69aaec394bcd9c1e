//! The declarations of `kinde.toml` as a constant, which `manifest!()` makes.

use super::kinds::Kind;

/// The keys that exist in Kinde, as `kinde.toml` declares them; `manifest!()` makes one, named `MANIFEST`.
///
/// Access matrices and tools read it to find the routes that each role can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manifest {
    sections: &'static [(Kind, &'static [ManifestEntry])],
    roles: &'static [ManifestRole],
}

impl Manifest {
    /// Creates a manifest from the sections that the macro has read.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        sections: &'static [(Kind, &'static [ManifestEntry])],
        roles: &'static [ManifestRole],
    ) -> Self {
        Self { sections, roles }
    }

    /// Returns the entries of a kind, in the order of the file; empty for a kind without a section.
    ///
    /// Roles are not among them: see [`roles`](Self::roles).
    #[must_use]
    pub fn entries(&self, kind: Kind) -> &'static [ManifestEntry] {
        self.sections.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, entries)| entries)
    }

    /// Returns the permissions, in the order of the file.
    #[must_use]
    pub fn permissions(&self) -> &'static [ManifestEntry] {
        self.entries(Kind::Permissions)
    }

    /// Returns the roles, in the order of the file.
    #[must_use]
    pub const fn roles(&self) -> &'static [ManifestRole] {
        self.roles
    }

    /// Returns the feature flags, in the order of the file.
    #[must_use]
    pub fn feature_flags(&self) -> &'static [ManifestEntry] {
        self.entries(Kind::FeatureFlags)
    }

    /// Returns the billing entitlements, in the order of the file.
    #[must_use]
    pub fn entitlements(&self) -> &'static [ManifestEntry] {
        self.entries(Kind::Entitlements)
    }

    /// Returns the scopes, in the order of the file.
    #[must_use]
    pub fn scopes(&self) -> &'static [ManifestEntry] {
        self.entries(Kind::Scopes)
    }

    /// Finds a role by its key.
    #[must_use]
    pub fn role(&self, key: &str) -> Option<&'static ManifestRole> {
        self.roles.iter().find(|role| role.key() == key)
    }
}

/// A declared key and its description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    key: &'static str,
    description: &'static str,
}

impl ManifestEntry {
    /// Creates an entry.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(key: &'static str, description: &'static str) -> Self {
        Self { key, description }
    }

    /// Returns the key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// Returns the description; empty if the file has none.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.description
    }
}

/// A declared role and the permissions that it bundles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestRole {
    entry: ManifestEntry,
    permissions: &'static [&'static str],
}

impl ManifestRole {
    /// Creates a role.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        key: &'static str,
        description: &'static str,
        permissions: &'static [&'static str],
    ) -> Self {
        Self { entry: ManifestEntry::new(key, description), permissions }
    }

    /// Returns the role's key.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.entry.key
    }

    /// Returns the description; empty if the file has none.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.entry.description
    }

    /// Returns the keys of the permissions that the role bundles.
    #[must_use]
    pub const fn permissions(&self) -> &'static [&'static str] {
        self.permissions
    }
}

//! What `kinde.toml` declares, as a value: the macro crate reads the file, `manifest!()` makes this of it.

/// What exists in Kinde, as `kinde.toml` declares it; `manifest!()` makes one, named `MANIFEST`.
///
/// Access matrices and tools read it to tell what each role can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manifest {
    permissions: &'static [ManifestEntry],
    roles: &'static [ManifestRole],
    feature_flags: &'static [ManifestEntry],
    entitlements: &'static [ManifestEntry],
    scopes: &'static [ManifestEntry],
}

impl Manifest {
    /// Joins the sections that the macro has read.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        permissions: &'static [ManifestEntry],
        roles: &'static [ManifestRole],
        feature_flags: &'static [ManifestEntry],
        entitlements: &'static [ManifestEntry],
        scopes: &'static [ManifestEntry],
    ) -> Self {
        Self { permissions, roles, feature_flags, entitlements, scopes }
    }

    /// Returns the permissions, in the order of the file.
    #[must_use]
    pub const fn permissions(&self) -> &'static [ManifestEntry] {
        self.permissions
    }

    /// Returns the roles, in the order of the file.
    #[must_use]
    pub const fn roles(&self) -> &'static [ManifestRole] {
        self.roles
    }

    /// Returns the feature flags, in the order of the file.
    #[must_use]
    pub const fn feature_flags(&self) -> &'static [ManifestEntry] {
        self.feature_flags
    }

    /// Returns the billing entitlements, in the order of the file.
    #[must_use]
    pub const fn entitlements(&self) -> &'static [ManifestEntry] {
        self.entitlements
    }

    /// Returns the scopes, in the order of the file.
    #[must_use]
    pub const fn scopes(&self) -> &'static [ManifestEntry] {
        self.scopes
    }

    /// Finds a role by its key.
    #[must_use]
    pub fn role(&self, key: &str) -> Option<&'static ManifestRole> {
        self.roles.iter().find(|role| role.key() == key)
    }
}

/// A declared key, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    key: &'static str,
    description: &'static str,
}

impl ManifestEntry {
    /// Makes an entry of what the macro has read.
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

/// A declared role, and the permissions it bundles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestRole {
    entry: ManifestEntry,
    permissions: &'static [&'static str],
}

impl ManifestRole {
    /// Makes a role of what the macro has read.
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

    /// Returns the keys of the permissions it bundles.
    #[must_use]
    pub const fn permissions(&self) -> &'static [&'static str] {
        self.permissions
    }
}

//! The roles and permissions that exist in Kinde.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::policy::Manifest;

/// The roles of a Kinde business with the permissions that each bundles, and its other permissions.
///
/// ```
/// use kinde_perms::access::Catalogue;
///
/// let catalogue = Catalogue::new()
///     .role("viewer", ["read:todos"])
///     .role("editor", ["read:todos", "create:todos", "update:todos"])
///     .permission("read:reports");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(default)]
    roles: BTreeMap<String, BTreeSet<String>>,
    /// All permissions, also those that no role bundles.
    #[serde(default)]
    permissions: BTreeSet<String>,
}

impl Catalogue {
    /// Creates an empty catalogue.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a role, by its key, with the keys of its permissions.
    #[must_use]
    pub fn role<K: Into<String>>(
        mut self,
        key: impl Into<String>,
        permissions: impl IntoIterator<Item = K>,
    ) -> Self {
        let permissions: BTreeSet<String> = permissions.into_iter().map(Into::into).collect();
        self.permissions.extend(permissions.iter().cloned());
        self.roles.insert(key.into(), permissions);
        self
    }

    /// Adds a permission, by its key, whether or not a role bundles it.
    #[must_use]
    pub fn permission(mut self, key: impl Into<String>) -> Self {
        self.permissions.insert(key.into());
        self
    }

    /// Returns the permissions of a role; `None` if there is no such role.
    pub(super) fn bundle(&self, role: &str) -> Option<&BTreeSet<String>> {
        self.roles.get(role)
    }

    /// Returns the roles with their permissions, sorted by key.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.roles.iter().map(|(key, permissions)| (key.as_str(), permissions))
    }

    /// Returns the permissions, sorted by key.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.permissions.iter().map(String::as_str)
    }

    /// Returns the given permissions, followed by those that the roles bundle, each once.
    pub(crate) fn permissions_of(&self, given: &[String], roles: &[String]) -> Vec<String> {
        let bundled = roles.iter().filter_map(|role| self.roles.get(role)).flatten();
        let mut seen = BTreeSet::new();
        given.iter().chain(bundled).filter(|key| seen.insert(*key)).cloned().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.permissions.is_empty()
    }
}

/// The declarations of `kinde.toml`: `matrix.with_catalogue((&kinde::MANIFEST).into())`.
impl From<&Manifest> for Catalogue {
    fn from(manifest: &Manifest) -> Self {
        let permissions = manifest.permissions().iter().map(|entry| entry.key().to_owned()).collect();
        let bundle = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect();
        let roles = manifest.roles().iter().map(|role| (role.key().to_owned(), bundle(role.permissions())));
        Self { roles: roles.collect(), permissions }
    }
}

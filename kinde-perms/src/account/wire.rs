//! The JSON of the Account API. Unknown members are ignored, `null` counts as absent, a wrong type is an error.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;

use super::error::LiveErrorKind;
use super::types::{Entitlements, LivePermissions, LiveRoles, nullable};
use crate::claims::{FeatureFlags, Flag, FlagValue, KeySet, Role};

/// One page of an answer.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: T,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) metadata: PageMetadata,
}

/// The position of a page.
#[derive(Default, Deserialize)]
pub(super) struct PageMetadata {
    #[serde(default, deserialize_with = "nullable")]
    has_more: bool,
    #[serde(default, deserialize_with = "nullable")]
    next_page_starting_after: String,
}

impl PageMetadata {
    /// Returns the cursor of the next page, if there is one.
    pub(super) fn next(&self) -> Result<Option<String>, LiveErrorKind> {
        match (self.has_more, self.next_page_starting_after.as_str()) {
            (false, _) => Ok(None),
            (true, "") => Err(LiveErrorKind::Malformed),
            (true, cursor) => Ok(Some(cursor.to_owned())),
        }
    }
}

/// A list that comes in pages.
pub(super) trait Paged: DeserializeOwned {
    /// Adds the entries of the next page.
    fn append(&mut self, next: Self);
}

#[derive(Deserialize)]
struct PermissionsData {
    #[serde(default)]
    org_code: Option<Box<str>>,
    #[serde(default, deserialize_with = "nullable")]
    permissions: Vec<Keyed>,
}

#[derive(Deserialize)]
struct RolesData {
    #[serde(default)]
    org_code: Option<Box<str>>,
    #[serde(default, deserialize_with = "nullable")]
    roles: Vec<Keyed>,
}

/// A permission or a role.
#[derive(Deserialize)]
struct Keyed {
    #[serde(default)]
    id: Option<Box<str>>,
    key: Box<str>,
    #[serde(default)]
    name: Option<Box<str>>,
}

/// The feature flags; they are converted to the same type as those of a token.
#[derive(Deserialize)]
pub(super) struct FlagsData {
    #[serde(default, deserialize_with = "nullable")]
    feature_flags: Vec<NamedFlag>,
}

#[derive(Deserialize)]
struct NamedFlag {
    key: Box<str>,
    #[serde(default)]
    r#type: Option<Box<str>>,
    value: Value,
}

impl<'de> Deserialize<'de> for LivePermissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PermissionsData { org_code, permissions } = PermissionsData::deserialize(deserializer)?;
        Ok(Self { org_code, keys: KeySet::collect(permissions.iter().map(|one| one.key.as_ref())) })
    }
}

impl<'de> Deserialize<'de> for LiveRoles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let RolesData { org_code, roles } = RolesData::deserialize(deserializer)?;
        let role = |Keyed { id, key, name }: Keyed| Role { id, key, name };
        Ok(Self { org_code, roles: roles.into_iter().map(role).collect() })
    }
}

impl From<FlagsData> for FeatureFlags {
    fn from(flags: FlagsData) -> Self {
        let flag =
            |one: NamedFlag| Flag { name: one.key, kind: one.r#type, value: FlagValue::from(one.value) };
        Self::new(flags.feature_flags.into_iter().map(flag).collect())
    }
}

impl Paged for LivePermissions {
    fn append(&mut self, next: Self) {
        let all: Vec<&str> = self.keys.iter().chain(next.keys.iter()).collect();
        self.keys = KeySet::collect(all.into_iter());
    }
}

impl Paged for LiveRoles {
    fn append(&mut self, next: Self) {
        self.roles.extend(next.roles);
    }
}

impl Paged for FlagsData {
    fn append(&mut self, next: Self) {
        self.feature_flags.extend(next.feature_flags);
    }
}

impl Paged for Entitlements {
    fn append(&mut self, next: Self) {
        self.entitlements.extend(next.entitlements);
        for plan in next.plans {
            if !self.plans.contains(&plan) {
                self.plans.push(plan);
            }
        }
    }
}

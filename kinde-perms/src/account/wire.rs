//! The Account API's wire shape. Members that are not known are ignored, null is absent, another type is an error.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;

use super::error::LiveErrorKind;
use super::types::{Entitlements, LivePermissions, LiveRoles};
use crate::claims::{FeatureFlags, Flag, FlagValue, KeySet, Role};

/// One page of an answer.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: T,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) metadata: Metadata,
}

/// Whether there is more.
#[derive(Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default, deserialize_with = "nullable")]
    has_more: bool,
    #[serde(default, deserialize_with = "nullable")]
    next_page_starting_after: String,
}

impl Metadata {
    /// Where the next page starts, if there is one.
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
    /// Adds what the next page holds.
    fn append(&mut self, next: Self);
}

/// An absent or null member as its default.
pub(super) fn nullable<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Deserialize)]
struct Permissions {
    #[serde(default)]
    org_code: Option<Box<str>>,
    #[serde(default, deserialize_with = "nullable")]
    permissions: Vec<Keyed>,
}

#[derive(Deserialize)]
struct Roles {
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

/// The feature flags; they become the same type as those of a token.
#[derive(Deserialize)]
pub(super) struct Flags {
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
        let Permissions { org_code, permissions } = Permissions::deserialize(deserializer)?;
        Ok(Self { org_code, keys: KeySet::collect(permissions.iter().map(|one| one.key.as_ref())) })
    }
}

impl<'de> Deserialize<'de> for LiveRoles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Roles { org_code, roles } = Roles::deserialize(deserializer)?;
        let role = |one: Keyed| Role::new(one.id.as_deref(), &one.key, one.name.as_deref());
        Ok(Self { org_code, roles: roles.into_iter().map(role).collect() })
    }
}

impl From<Flags> for FeatureFlags {
    fn from(flags: Flags) -> Self {
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

impl Paged for Flags {
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

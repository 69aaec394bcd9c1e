//! The types of claims, and the views that serialize as in Kinde's SDKs.

use serde::Serialize;
use serde::ser::{SerializeSeq, SerializeStruct, Serializer};

use super::key_set::KeySet;
use crate::json::Texts;
use crate::policy::Standing;

/// A claim of a payload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Claim<T> {
    Absent,
    /// The value has the wrong type, or an array has one wrong element. The whole claim is unknown.
    Malformed,
    Present(T),
}

impl<T> Claim<T> {
    pub(crate) fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Malformed => None,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns the standing of a fact: `absent` if the claim is absent, else that of its value by `held`.
    pub(super) fn standing<H: Into<Standing>>(
        &self,
        absent: Standing,
        held: impl FnOnce(&T) -> H,
    ) -> Standing {
        match self {
            Self::Absent => absent,
            Self::Malformed => Standing::Unknown,
            Self::Present(value) => held(value).into(),
        }
    }
}

/// The audience of a token: the APIs it was issued for (RFC 7519 §4.1.3, a string or an array of strings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(pub(super) Texts);

impl Audience {
    /// The audience of an absent or malformed claim. It contains no API, so no token with it is accepted.
    pub(super) const EMPTY: &'static Self = &Self(Texts::EMPTY);

    /// Returns `true` if the audience contains `api`, byte for byte.
    #[must_use]
    pub fn contains(&self, api: &str) -> bool {
        self.0.contains(api)
    }

    /// Returns the APIs in the order of the token.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter()
    }
}

/// A role of the user in the organization, as the opt-in `roles` claim lists it.
///
/// Kinde writes roles as objects; older tokens carry bare keys. Rules match the key alone, never the name.
///
/// Serializes to `{"id","key","name"}`, absent members left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<Box<str>>,
    pub(crate) key: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Box<str>>,
}

impl Role {
    /// Returns Kinde's id of the role; `None` when the token lists bare keys.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the key, by which rules name the role.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the display name; `None` when the token lists bare keys.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// One permission, granted or not; serializes to `{"permissionKey","orgCode","isGranted"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission<'a> {
    pub(crate) key: &'a str,
    pub(crate) org_code: Option<&'a str>,
    pub(crate) is_granted: bool,
}

impl<'a> Permission<'a> {
    /// Creates the answer for a caller without a token: not granted, in no organization.
    ///
    /// Use it with `Option<Claims>`: `claims.as_ref().map_or(Permission::not_granted(key), |c| c.permission(key))`.
    #[must_use]
    pub fn not_granted(key: &'a str) -> Self {
        Self { key, org_code: None, is_granted: false }
    }

    /// Returns the key of the permission.
    #[must_use]
    pub fn permission_key(&self) -> &'a str {
        self.key
    }

    /// Returns the organization for which the token was issued.
    #[must_use]
    pub fn org_code(&self) -> Option<&'a str> {
        self.org_code
    }

    /// Returns `true` if the token has the permission.
    #[must_use]
    pub fn is_granted(&self) -> bool {
        self.is_granted
    }
}

impl Serialize for Permission<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut permission = serializer.serialize_struct("Permission", 3)?;
        permission.serialize_field("permissionKey", self.key)?;
        permission.serialize_field("orgCode", &self.org_code)?;
        permission.serialize_field("isGranted", &self.is_granted)?;
        permission.end()
    }
}

/// The permissions of a token with their organization; serializes to `{"orgCode","permissions"}`.
///
/// The default is the answer for a caller without a token: no organization, no permissions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Permissions<'a> {
    pub(crate) org_code: Option<&'a str>,
    pub(crate) keys: Option<&'a KeySet>,
}

impl<'a> Permissions<'a> {
    /// Returns the organization for which the token was issued.
    #[must_use]
    pub fn org_code(&self) -> Option<&'a str> {
        self.org_code
    }

    /// Returns the keys in the order of the token; none when the claim is absent or malformed.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.keys.into_iter().flat_map(KeySet::iter)
    }

    /// Returns `true` if the token has `key`. The time does not depend on the number of permissions.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.keys.is_some_and(|keys| keys.contains(key))
    }
}

impl Serialize for Permissions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut permissions = serializer.serialize_struct("Permissions", 2)?;
        permissions.serialize_field("orgCode", &self.org_code)?;
        permissions.serialize_field("permissions", &KeyList(self.keys))?;
        permissions.end()
    }
}

/// The scopes of a token; serializes to an array of strings.
#[derive(Clone, Copy, Debug)]
pub struct Scopes<'a> {
    pub(super) keys: Option<&'a KeySet>,
}

impl<'a> Scopes<'a> {
    /// Returns the scopes in the order of the token.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.keys.into_iter().flat_map(KeySet::iter)
    }

    /// Returns `true` if the token has `scope`.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.keys.is_some_and(|keys| keys.contains(scope))
    }
}

impl Serialize for Scopes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        KeyList(self.keys).serialize(serializer)
    }
}

/// A set of keys as a JSON array; an absent set is an empty array.
struct KeyList<'a>(Option<&'a KeySet>);

impl Serialize for KeyList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(self.0.map(KeySet::len))?;
        for key in self.0.into_iter().flat_map(KeySet::iter) {
            seq.serialize_element(key)?;
        }
        seq.end()
    }
}

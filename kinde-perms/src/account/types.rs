//! The answers of the Account API. Each type serializes to the form in which Kinde's SDKs return it.

use serde::de::Deserializer;
use serde::ser::{Serialize, Serializer};
use serde::{Deserialize, Serialize as DeriveSerialize};
use serde_json::Number;

use crate::claims::{KeySet, Permission, Permissions, Role};

/// Deserializes an absent or null member as its default.
pub(super) fn nullable<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The permissions that a user has now; serializes to `{"orgCode","permissions"}`.
#[derive(Clone, Debug)]
pub struct LivePermissions {
    pub(super) org_code: Option<Box<str>>,
    pub(super) keys: KeySet,
}

impl LivePermissions {
    /// Returns the organization that they hold in.
    #[must_use]
    pub fn org_code(&self) -> Option<&str> {
        self.org_code.as_deref()
    }

    /// Returns `true` if the user has this permission.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Returns the keys in the order of the answer.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.keys.iter()
    }

    /// Returns one permission, granted or not; serializes as Kinde's `getPermission()` does.
    #[must_use]
    pub fn permission<'a>(&'a self, key: &'a str) -> Permission<'a> {
        Permission { key, org_code: self.org_code(), is_granted: self.contains(key) }
    }
}

impl Serialize for LivePermissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Permissions { org_code: self.org_code(), keys: Some(&self.keys) }.serialize(serializer)
    }
}

/// The roles that a user has now; serializes to an array of `{"id","key","name"}`.
#[derive(Clone, Debug)]
pub struct LiveRoles {
    pub(super) org_code: Option<Box<str>>,
    pub(super) roles: Vec<Role>,
}

impl LiveRoles {
    /// Returns the organization that they hold in.
    #[must_use]
    pub fn org_code(&self) -> Option<&str> {
        self.org_code.as_deref()
    }

    /// Returns the role of this key, if the user has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.key() == key)
    }

    /// Returns `true` if the user has the role of this key.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Returns the roles in the order of the answer.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter()
    }
}

impl Serialize for LiveRoles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.roles.serialize(serializer)
    }
}

/// The subscriptions of an organization; serializes to `{"orgCode","plans","entitlements"}`.
#[derive(Clone, Debug, PartialEq, Deserialize, DeriveSerialize)]
#[serde(rename_all(serialize = "camelCase"))]
#[expect(clippy::struct_field_names, reason = "these are Kinde's names")]
pub struct Entitlements {
    #[serde(default)]
    pub(super) org_code: Option<Box<str>>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) plans: Vec<Plan>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) entitlements: Vec<Entitlement>,
}

impl Entitlements {
    /// Returns the organization that has subscribed.
    #[must_use]
    pub fn org_code(&self) -> Option<&str> {
        self.org_code.as_deref()
    }

    /// Returns the plans.
    #[must_use]
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// Returns the entitlement of this price name. Rules refer to entitlements by it.
    #[must_use]
    pub fn get(&self, price_name: &str) -> Option<&Entitlement> {
        self.entitlements.iter().find(|entitlement| entitlement.price_name() == Some(price_name))
    }

    /// Returns `true` if there is an entitlement of this price name.
    #[must_use]
    pub fn contains(&self, price_name: &str) -> bool {
        self.get(price_name).is_some()
    }

    /// Returns the entitlements in the order of the answer.
    pub fn iter(&self) -> impl Iterator<Item = &Entitlement> {
        self.entitlements.iter()
    }
}

/// A plan that an organization has subscribed to; serializes to `{"key","subscribedOn"}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, DeriveSerialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Plan {
    key: Box<str>,
    #[serde(default)]
    subscribed_on: Option<Box<str>>,
}

impl Plan {
    /// Returns the plan's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the time of the subscription (RFC 3339).
    #[must_use]
    pub fn subscribed_on(&self) -> Option<&str> {
        self.subscribed_on.as_deref()
    }
}

/// One entitlement of a subscription; serializes to Kinde's members in camel case.
#[derive(Clone, Debug, PartialEq, Deserialize, DeriveSerialize)]
#[serde(rename_all(serialize = "camelCase"))]
#[expect(clippy::struct_field_names, reason = "these are Kinde's names")]
pub struct Entitlement {
    #[serde(default)]
    id: Option<Box<str>>,
    #[serde(default)]
    fixed_charge: Option<Number>,
    #[serde(default)]
    price_name: Option<Box<str>>,
    #[serde(default)]
    unit_amount: Option<Number>,
    #[serde(default)]
    feature_key: Option<Box<str>>,
    #[serde(default)]
    feature_name: Option<Box<str>>,
    #[serde(default)]
    entitlement_limit_max: Option<i64>,
    #[serde(default)]
    entitlement_limit_min: Option<i64>,
}

impl Entitlement {
    /// Returns Kinde's id of the entitlement.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the name of the price. Rules refer to entitlements by it.
    #[must_use]
    pub fn price_name(&self) -> Option<&str> {
        self.price_name.as_deref()
    }

    /// Returns the key of the feature.
    #[must_use]
    pub fn feature_key(&self) -> Option<&str> {
        self.feature_key.as_deref()
    }

    /// Returns the name of the feature.
    #[must_use]
    pub fn feature_name(&self) -> Option<&str> {
        self.feature_name.as_deref()
    }

    /// Returns the fixed charge, in the unit that Kinde uses.
    #[must_use]
    pub fn fixed_charge(&self) -> Option<&Number> {
        self.fixed_charge.as_ref()
    }

    /// Returns the price of one unit.
    #[must_use]
    pub fn unit_amount(&self) -> Option<&Number> {
        self.unit_amount.as_ref()
    }

    /// Returns the maximum number of units that may be used.
    #[must_use]
    pub fn limit_max(&self) -> Option<i64> {
        self.entitlement_limit_max
    }

    /// Returns the minimum number of units that are paid for.
    #[must_use]
    pub fn limit_min(&self) -> Option<i64> {
        self.entitlement_limit_min
    }
}

/// One entitlement with its organization; serializes to `{"orgCode","entitlement"}`.
#[derive(Clone, Debug, PartialEq, Deserialize, DeriveSerialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct HeldEntitlement {
    #[serde(default)]
    org_code: Option<Box<str>>,
    entitlement: Entitlement,
}

impl HeldEntitlement {
    /// Returns the organization that has the entitlement.
    #[must_use]
    pub fn org_code(&self) -> Option<&str> {
        self.org_code.as_deref()
    }

    /// Returns the entitlement.
    #[must_use]
    pub fn entitlement(&self) -> &Entitlement {
        &self.entitlement
    }
}

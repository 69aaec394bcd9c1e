//! Data of Kinde's Account API about one user.

use serde_json::{Map, Value, json};

use crate::ids;

/// The answers of an [`Issuer`](super::Issuer)'s Account API about a user, regardless of the user's token.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use kinde_perms_testkit::{AccountData, Issuer};
///
/// let issuer = Issuer::start().await?;
/// issuer.set_account("kp_1", AccountData::new("org_1").permission("delete:todos").entitlement("Pro plan"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct AccountData {
    pub(crate) org_code: Value,
    pub(crate) permissions: Vec<Value>,
    pub(crate) roles: Vec<Value>,
    pub(crate) feature_flags: Vec<Value>,
    pub(crate) plans: Vec<Value>,
    pub(crate) entitlements: Vec<Value>,
    /// A status that replaces every other answer.
    pub(crate) status: Option<u16>,
}

impl AccountData {
    /// Creates the data of a user without rights in `org_code`.
    pub fn new(org_code: &str) -> Self {
        Self::of(json!(org_code))
    }

    pub(super) fn without_org() -> Self {
        Self::of(Value::Null)
    }

    fn of(org_code: Value) -> Self {
        Self {
            org_code,
            permissions: Vec::new(),
            roles: Vec::new(),
            feature_flags: Vec::new(),
            plans: Vec::new(),
            entitlements: Vec::new(),
            status: None,
        }
    }

    /// Adds a permission.
    pub fn permission(mut self, key: &str) -> Self {
        self.permissions.push(json!({"id": format!("perm_{key}"), "name": key, "key": key}));
        self
    }

    /// Adds a role.
    pub fn role(mut self, key: &str) -> Self {
        self.roles.push(json!({"id": ids::role_id(key), "name": key, "key": key}));
        self
    }

    /// Adds a feature flag.
    pub fn feature_flag(mut self, key: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let kind = match &value {
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            _ => "string",
        };
        let flag =
            json!({"id": format!("flag_{key}"), "name": key, "key": key, "type": kind, "value": value});
        self.feature_flags.push(flag);
        self
    }

    /// Adds a subscribed plan.
    pub fn plan(mut self, key: &str) -> Self {
        self.plans.push(json!({"key": key, "subscribed_on": "2025-06-01T12:00:00Z"}));
        self
    }

    /// Adds an entitlement by its price name. Its feature key is the name in lower case, with dashes for spaces.
    pub fn entitlement(mut self, price_name: &str) -> Self {
        let key = price_name.to_lowercase().replace(' ', "-");
        self.entitlements.push(json!({
            "id": format!("entitlement_{key}"),
            "fixed_charge": 35,
            "price_name": price_name,
            "unit_amount": 1,
            "feature_key": key,
            "feature_name": price_name,
            "entitlement_limit_max": 10,
            "entitlement_limit_min": 1,
        }));
        self
    }

    /// Makes the Account API answer this user with `status`.
    pub fn failing(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Creates the data that matches a token's claims. A token carries no entitlements.
    pub(crate) fn of_claims(claims: &Map<String, Value>) -> Self {
        let texts = |name: &str| claims.get(name).and_then(Value::as_array).into_iter().flatten();
        let account = Self::of(claims.get("org_code").cloned().unwrap_or_default());
        let account = texts("permissions").filter_map(Value::as_str).fold(account, Self::permission);
        let role = |role: &'_ Value| role.as_str().or_else(|| role.get("key")?.as_str()).map(str::to_owned);
        let account = texts("roles").filter_map(role).fold(account, |account, key| account.role(&key));
        let flags = claims.get("feature_flags").and_then(Value::as_object).into_iter().flatten();
        flags.fold(account, |account, (key, flag)| {
            account.feature_flag(key, flag.get("v").cloned().unwrap_or_default())
        })
    }
}

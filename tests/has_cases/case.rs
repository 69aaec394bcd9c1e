//! One fact: claims, a call, and the answer that Kinde's SDK gives.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One entry of the corpus. Members that only tell where a fact is from are left aside.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// What the token carries; `None` if there is none.
    pub(crate) claims: Option<Map<String, Value>>,
    pub(crate) call: String,
    #[serde(default)]
    args: Value,
    pub(crate) expected: Value,
    /// What the Account API answers, page by page: `{data, metadata}`, `{status}` or `{network_error}`.
    #[serde(default)]
    pub(crate) api: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    token: Option<String>,
    /// What Kinde's SDK asked the Account API for.
    #[serde(default)]
    pub(crate) network_calls: Vec<String>,
}

/// The four things that `has` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Permissions,
    Roles,
    FeatureFlags,
    Entitlements,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] =
        [Self::Permissions, Self::Roles, Self::FeatureFlags, Self::Entitlements];

    /// Kinde's name of it among the arguments.
    pub(crate) const fn member(self) -> &'static str {
        match self {
            Self::Permissions => "permissions",
            Self::Roles => "roles",
            Self::FeatureFlags => "featureFlags",
            Self::Entitlements => "billingEntitlements",
        }
    }

    /// The claim that holds it, and the claim that Kinde reads in its place.
    pub(crate) const fn claims(self) -> [&'static str; 2] {
        match self {
            Self::Permissions => ["permissions", "x-hasura-permissions"],
            Self::Roles => ["roles", "x-hasura-roles"],
            Self::FeatureFlags => ["feature_flags", "x-hasura-feature-flags"],
            Self::Entitlements => ["", ""],
        }
    }

    /// Where the Account API serves it.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Permissions => "/account_api/v1/permissions",
            Self::Roles => "/account_api/v1/roles",
            Self::FeatureFlags => "/account_api/v1/feature_flags",
            Self::Entitlements => "/account_api/v1/entitlements",
        }
    }
}

impl Case {
    /// One argument; null if it is absent, or if there are none at all.
    pub(crate) fn arg(&self, name: &str) -> &Value {
        self.args.get(name).unwrap_or(&Value::Null)
    }

    pub(crate) fn text_arg(&self, name: &str) -> &str {
        self.arg(name).as_str().unwrap_or_default()
    }

    /// What the call asks for: one kind, or any of the four.
    pub(crate) fn asks(&self) -> &'static [Kind] {
        match self.call.as_str() {
            "has" => &Kind::ALL,
            "has_permissions" => &[Kind::Permissions],
            "has_roles" => &[Kind::Roles],
            "has_feature_flags" => &[Kind::FeatureFlags],
            "has_billing_entitlements" => &[Kind::Entitlements],
            _ => &[],
        }
    }

    pub(crate) fn is_has(&self) -> bool {
        !self.asks().is_empty()
    }

    pub(crate) fn is_sync(&self) -> bool {
        self.call.ends_with("_sync")
    }

    /// The call without the suffix of its synchronous twin, which reads the same token.
    pub(crate) fn getter(&self) -> &str {
        self.call.strip_suffix("_sync").unwrap_or(&self.call)
    }

    /// Whether the call reads the ID token.
    pub(crate) fn reads_id_token(&self) -> bool {
        self.token.as_deref() == Some("id") || self.getter() == "get_user_organizations"
    }

    /// The arguments that the call does not know; Kinde's SDK ignores them.
    pub(crate) fn unknown_args(&self) -> impl Iterator<Item = &str> {
        let known = |name: &str| name == "forceApi" || self.asks().iter().any(|kind| kind.member() == name);
        let args = self.args.as_object().into_iter().flat_map(Map::keys);
        args.map(String::as_str).filter(move |name| !known(name))
    }

    /// What is asked of one kind; empty if it is not mentioned, or mentioned as nothing.
    pub(crate) fn wanted(&self, kind: Kind) -> &[Value] {
        self.arg(kind.member()).as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether `forceApi` asks the Account API about this kind.
    pub(crate) fn is_forced(&self, kind: Kind) -> bool {
        kind == Kind::Entitlements
            || match self.arg("forceApi") {
                Value::Object(kinds) => kinds.get(kind.member()).is_some_and(truthy),
                all => truthy(all),
            }
    }

    /// Whether the call asks the Account API, as it is written.
    pub(crate) fn is_live(&self) -> bool {
        match self.getter() {
            "get_entitlement" | "get_entitlements" => true,
            _ if self.is_has() => {
                self.asks().iter().any(|kind| !self.wanted(*kind).is_empty() && self.is_forced(*kind))
            }
            _ => truthy(self.arg("forceApi")),
        }
    }

    /// A claim of the token; absent and null are the same to Kinde.
    pub(crate) fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.as_ref()?.get(name).filter(|value| !value.is_null())
    }

    /// The claim that Kinde reads for a kind: its own name first, then Hasura's.
    pub(crate) fn claim_of(&self, kind: Kind) -> Option<&Value> {
        kind.claims().into_iter().find_map(|name| self.claim(name))
    }
}

/// What JavaScript takes for true.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(value) => value.as_f64() != Some(0.0),
        Value::String(value) => !value.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

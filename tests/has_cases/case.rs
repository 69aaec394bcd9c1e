//! One case of the corpus: claims, a call, and the recorded answer of Kinde's SDK.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One entry of the corpus, without the members that name its source.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// The token's claims; `None` without a token.
    pub(crate) claims: Option<Map<String, Value>>,
    pub(crate) call: String,
    #[serde(default)]
    args: Value,
    pub(crate) expected: Value,
    /// The answers of the Account API, page by page: `{data, metadata}`, `{status}` or `{network_error}`.
    #[serde(default)]
    pub(crate) api: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    token: Option<String>,
    /// The requests of Kinde's SDK to the Account API.
    #[serde(default)]
    pub(crate) network_calls: Vec<String>,
}

/// The four kinds of requirement that `has` takes.
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

    /// Returns Kinde's name of the kind among the arguments.
    pub(crate) const fn member(self) -> &'static str {
        match self {
            Self::Permissions => "permissions",
            Self::Roles => "roles",
            Self::FeatureFlags => "featureFlags",
            Self::Entitlements => "billingEntitlements",
        }
    }

    /// Returns the claim that holds the kind, and the claim that Kinde reads if the first is absent.
    pub(crate) const fn claims(self) -> [&'static str; 2] {
        match self {
            Self::Permissions => ["permissions", "x-hasura-permissions"],
            Self::Roles => ["roles", "x-hasura-roles"],
            Self::FeatureFlags => ["feature_flags", "x-hasura-feature-flags"],
            Self::Entitlements => ["", ""],
        }
    }

    /// Returns the path of the kind in the Account API.
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
    /// Returns an argument; null if absent.
    pub(crate) fn arg(&self, name: &str) -> &Value {
        self.args.get(name).unwrap_or(&Value::Null)
    }

    pub(crate) fn text_arg(&self, name: &str) -> &str {
        self.arg(name).as_str().unwrap_or_default()
    }

    /// Returns the kinds that the call may ask for: one, or all four.
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

    /// Returns the name of the call without the suffix of its synchronous twin.
    pub(crate) fn getter(&self) -> &str {
        self.call.strip_suffix("_sync").unwrap_or(&self.call)
    }

    /// Returns `true` if the call reads the ID token.
    pub(crate) fn reads_id_token(&self) -> bool {
        self.token.as_deref() == Some("id") || self.getter() == "get_user_organizations"
    }

    /// Returns the arguments that Kinde's SDK does not know and ignores.
    pub(crate) fn unknown_args(&self) -> impl Iterator<Item = &str> {
        let known = |name: &str| name == "forceApi" || self.asks().iter().any(|kind| kind.member() == name);
        let args = self.args.as_object().into_iter().flat_map(Map::keys);
        args.map(String::as_str).filter(move |name| !known(name))
    }

    /// Returns the entries that the call asks of one kind; empty if absent or null.
    pub(crate) fn wanted(&self, kind: Kind) -> &[Value] {
        self.arg(kind.member()).as_array().map_or(&[], Vec::as_slice)
    }

    /// Returns `true` if `forceApi` makes the call ask the Account API about this kind.
    pub(crate) fn is_forced(&self, kind: Kind) -> bool {
        kind == Kind::Entitlements
            || match self.arg("forceApi") {
                Value::Object(kinds) => kinds.get(kind.member()).is_some_and(truthy),
                all => truthy(all),
            }
    }

    /// Returns `true` if the arguments make the call ask the Account API.
    pub(crate) fn is_live(&self) -> bool {
        match self.getter() {
            "get_entitlement" | "get_entitlements" => true,
            _ if self.is_has() => {
                self.asks().iter().any(|kind| !self.wanted(*kind).is_empty() && self.is_forced(*kind))
            }
            _ => truthy(self.arg("forceApi")),
        }
    }

    /// Returns a claim of the token; Kinde treats null as absent.
    pub(crate) fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.as_ref()?.get(name).filter(|value| !value.is_null())
    }

    /// Returns the claim that Kinde reads for a kind: Kinde's own name first, then Hasura's.
    pub(crate) fn claim_of(&self, kind: Kind) -> Option<&Value> {
        kind.claims().into_iter().find_map(|name| self.claim(name))
    }
}

/// Returns `true` if JavaScript converts the value to `true`.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(value) => value.as_f64() != Some(0.0),
        Value::String(value) => !value.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

//! Builds tokens: valid by default, invalid on request.

mod sign;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::ids;
use crate::keys::SigningKey;
use crate::persona::Persona;
use kinde_perms::Algorithm;
use kinde_perms::time::{Clock, SystemClock};

pub use self::sign::Hmac;

/// Lifetimes of access tokens in Kinde's default settings, for users and for machines.
pub(super) const USER_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
pub(super) const MACHINE_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Builds one access token. Every method can be called again; the last call wins.
///
/// A new builder describes the token of a user who signed in to an organization: `aud` (an array), `azp`, `exp`, `iat`,
/// `iss`, `jti`, `org_code`, `scp` and `sub`, without permissions, roles and feature flags. The times are computed from
/// the builder's clock when the token is signed, so a builder can serve as a template.
///
/// ```
/// use std::time::Duration;
/// use kinde_perms_testkit::TokenBuilder;
///
/// let token = TokenBuilder::new("https://acme.kinde.com", "https://api.example.test")
///     .permission("create:todos")
///     .role("admin")
///     .expires_in(Duration::from_secs(60))
///     .sign();
/// assert_eq!(token.split('.').count(), 3);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenBuilder {
    clock: Arc<dyn Clock>,
    key: SigningKey,
    /// Changes to the default header; `None` removes the member.
    header: BTreeMap<String, Option<Value>>,
    claims: BTreeMap<String, ClaimValue>,
    raw_header: Option<Vec<u8>>,
    raw_payload: Option<Vec<u8>>,
    payload_unencoded: bool,
}

/// The value of a claim, computed when the token is signed.
#[derive(Clone, Debug)]
enum ClaimValue {
    Json(Value),
    In(Duration),
    Ago(Duration),
    /// A random id, different in every token.
    Unique,
}

/// Signing key and claims.
impl TokenBuilder {
    /// Creates a user's token of `issuer` for `audience`, with the shared key and the system clock.
    pub fn new(issuer: &str, audience: &str) -> Self {
        let claims = [
            ("azp", ClaimValue::Json(json!("dee7f3c57b3c47e8b96edde2c7ecab7d"))),
            ("exp", ClaimValue::In(USER_LIFETIME)),
            ("iat", ClaimValue::In(Duration::ZERO)),
            ("jti", ClaimValue::Unique),
        ];
        let bare = Self {
            clock: Arc::new(SystemClock),
            key: SigningKey::shared(),
            header: BTreeMap::new(),
            claims: claims.map(|(name, content)| (name.to_owned(), content)).into(),
            raw_header: None,
            raw_payload: None,
            payload_unencoded: false,
        };
        bare.issuer(issuer)
            .audience(audience)
            .subject("kp_cfcb1ae5b9254ad99521214014c54f43")
            .org_code("org_8f3c1d5e7a2")
            .scopes(["openid", "profile", "email", "offline"])
    }

    /// Reads the time from `clock`.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Signs with `key`, and names it in the header unless [`kid`](Self::kid) names another one.
    pub fn key(mut self, key: &SigningKey) -> Self {
        self.key = key.clone();
        self
    }

    /// Signs with another algorithm of the key's family, and names it in the header.
    pub fn algorithm(self, algorithm: Algorithm) -> Self {
        let key = self.key.with_algorithm(algorithm);
        self.key(&key)
    }

    /// Sets subject, roles and permissions to those of a persona.
    pub fn persona(self, persona: Persona) -> Self {
        self.without("permissions")
            .without("roles")
            .subject(persona.subject())
            .permissions(persona.permissions().iter().copied())
            .roles(persona.roles().iter().copied())
    }

    /// Makes it a machine's token (client credentials), valid for an hour: `gty`, `v` and `scope` beside `scp`, without
    /// the claims of a user.
    pub fn machine(self) -> Self {
        let user_claims = ["sub", "org_code", "permissions", "roles", "feature_flags", "scp"];
        user_claims
            .into_iter()
            .fold(self, Self::without)
            .claim("gty", json!(["client_credentials"]))
            .claim("v", "2")
            .claim("scope", "")
            .claim("scp", json!([]))
            .expires_in(MACHINE_LIFETIME)
    }

    /// Sets `iss`.
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// Sets `aud` to an array of this audience.
    pub fn audience(self, audience: &str) -> Self {
        self.audiences([audience])
    }

    /// Sets `aud` to an array of these audiences.
    pub fn audiences<'a>(self, audiences: impl IntoIterator<Item = &'a str>) -> Self {
        self.claim("aud", audiences.into_iter().collect::<Vec<_>>())
    }

    /// Sets `sub`, the user's id.
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets `org_code`, the organization that the user signed in to.
    pub fn org_code(self, org_code: &str) -> Self {
        self.claim("org_code", org_code)
    }

    /// Adds a permission.
    pub fn permission(self, key: &str) -> Self {
        self.push("permissions", json!(key))
    }

    /// Adds permissions.
    pub fn permissions<'a>(self, keys: impl IntoIterator<Item = &'a str>) -> Self {
        keys.into_iter().fold(self, Self::permission)
    }

    /// Adds a role the way Kinde writes it: an object of `id`, `key` and `name`.
    pub fn role(self, key: &str) -> Self {
        self.push("roles", json!({ "id": ids::role_id(key), "key": key, "name": key }))
    }

    /// Adds roles, each an object of `id`, `key` and `name`.
    pub fn roles<'a>(self, keys: impl IntoIterator<Item = &'a str>) -> Self {
        keys.into_iter().fold(self, Self::role)
    }

    /// Adds roles as plain strings, the other form that Kinde's documentation shows.
    pub fn role_strings<'a>(self, keys: impl IntoIterator<Item = &'a str>) -> Self {
        keys.into_iter().fold(self, |token, key| token.push("roles", json!(key)))
    }

    /// Adds a scope to `scp`, and to `scope` if the token is a machine's.
    pub fn scope(self, scope: &str) -> Self {
        let token = self.push("scp", json!(scope));
        match token.claims.get("scope") {
            Some(ClaimValue::Json(Value::String(scopes))) => {
                let scopes = [scopes, scope].join(" ");
                token.claim("scope", scopes.trim_start())
            }
            _ => token,
        }
    }

    /// Adds scopes.
    pub fn scopes<'a>(self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        scopes.into_iter().fold(self, Self::scope)
    }

    /// Sets a feature flag: `{"t": type, "v": value}`, with Kinde's letter for the value's type.
    pub fn feature_flag(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        let flag = json!({ "t": flag_type(&value), "v": value });
        match self.claims.get_mut("feature_flags") {
            Some(ClaimValue::Json(Value::Object(flags))) => {
                flags.insert(name.to_owned(), flag);
                self
            }
            _ => self.claim("feature_flags", json!({ name: flag })),
        }
    }

    /// Sets `exp` to `duration` after signing.
    pub fn expires_in(self, duration: Duration) -> Self {
        self.set("exp", ClaimValue::In(duration))
    }

    /// Sets `exp` to `duration` before signing.
    pub fn expired_for(self, duration: Duration) -> Self {
        self.set("exp", ClaimValue::Ago(duration))
    }

    /// Makes it a token that was valid for an hour and expired an hour ago.
    pub fn expired(self) -> Self {
        let hour = Duration::from_secs(60 * 60);
        self.issued_ago(hour.saturating_mul(2)).expired_for(hour)
    }

    /// Sets `iat` to `duration` before signing.
    pub fn issued_ago(self, duration: Duration) -> Self {
        self.set("iat", ClaimValue::Ago(duration))
    }

    /// Sets `iat` to `duration` after signing, as an issuer with a fast clock does.
    pub fn issued_in(self, duration: Duration) -> Self {
        self.set("iat", ClaimValue::In(duration))
    }

    /// Sets `nbf` to `duration` after signing.
    pub fn not_before_in(self, duration: Duration) -> Self {
        self.set("nbf", ClaimValue::In(duration))
    }

    /// Sets any claim to any JSON value.
    pub fn claim(self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, ClaimValue::Json(value.into()))
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    fn set(mut self, name: &str, value: ClaimValue) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    /// Appends to an array claim; a claim that is not an array is replaced.
    fn push(mut self, name: &str, value: Value) -> Self {
        match self.claims.get_mut(name) {
            Some(ClaimValue::Json(Value::Array(values))) => {
                values.push(value);
                self
            }
            _ => self.claim(name, vec![value]),
        }
    }
}

impl ClaimValue {
    fn resolve(&self, now: Duration) -> Value {
        match self {
            Self::Json(value) => value.clone(),
            Self::In(duration) => json!(now.saturating_add(*duration).as_secs()),
            Self::Ago(duration) => json!(now.saturating_sub(*duration).as_secs()),
            Self::Unique => json!(ids::unique_id()),
        }
    }
}

/// Kinde's letters: boolean, integer, string.
fn flag_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "b",
        Value::Number(_) => "i",
        _ => "s",
    }
}

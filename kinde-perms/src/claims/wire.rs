//! Reads payloads; no other file knows the names and forms of claims.
//!
//! [`UnverifiedClaims::from_payload`] works in this order:
//!
//! 1. The shape [`AllClaims`] reads the members named in [`NAMES`]: roles and feature flags by shapes of their own, all
//!    others as `Flat`.
//! 2. `registered` takes the claims that decide whether a token is accepted. A wrong type is a [`ClaimError`].
//! 3. `optional` takes Kinde's claims. A wrong type makes the claim [`Claim::Malformed`]. An absent claim is read under
//!    the name of its twin, which Kinde's mapping for Hasura uses.
//!
//! [`Registered::glance`] does step 2 alone, to guess whether an unverified token could be accepted.

use std::iter;

use serde::de::{MapAccess, SeqAccess};
use serde_json::{Map, Value};

use super::flags::{FeatureFlags, Flag, FlagValue};
use super::key_set::KeySet;
use super::types::{Audience, Claim, Role};
use super::unverified::{Lifetime, Purpose, Registered, UnverifiedClaims};
use crate::json::{self, Elements, Flat, Json, Known, Members, Object, Pick, Shape, Texts};
use crate::policy::Principal;

/// The last second of the year 9999; a larger `NumericDate` is in milliseconds, or a mistake.
const LAST_SECOND: u64 = 253_402_300_799;

/// The reason why a payload is not that of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimError {
    /// The payload is not one strict JSON object.
    NotAnObject,
    /// A required claim is absent.
    Missing(&'static str),
    /// A registered claim has the wrong JSON type, or is out of range.
    Invalid(&'static str),
    /// The token has another purpose than calling an API.
    Purpose(Purpose),
}

/// The members to read: first those of [`REGISTERED`], among them the signs of other purposes; then Kinde's claims.
const NAMES: [&str; 26] = [
    "iss",
    "aud",
    "exp",
    "nbf",
    "iat",
    "sub",
    "azp",
    "jti",
    "gty",
    "at_hash",
    "c_hash",
    "nonce",
    "event_id",
    "data",
    "type",
    "cnf",
    "org_code",
    "x-hasura-org-code",
    "permissions",
    "x-hasura-permissions",
    "roles",
    "x-hasura-roles",
    "scp",
    "scope",
    "feature_flags",
    "x-hasura-feature-flags",
];

/// The claims that decide whether a token is accepted.
const REGISTERED: &[&str] = NAMES.split_at(16).0;

impl UnverifiedClaims {
    /// Reads a payload.
    ///
    /// A registered claim of the wrong type is an error. A claim of Kinde's is then malformed, and its facts are unknown.
    pub(crate) fn from_payload(payload: impl Into<String>) -> Result<Self, ClaimError> {
        let payload = payload.into();
        let claims = read_claims(&payload)?;
        Ok(Self { payload, ..claims })
    }
}

impl Registered {
    /// Reads only the registered claims, to guess whether a token could be accepted.
    ///
    /// The result is that of [`UnverifiedClaims::from_payload`] for every payload which that function accepts, unless `aud`
    /// or `gty` lists more than 64 texts. `glance` also accepts payloads with mistakes in other members.
    pub(crate) fn glance(payload: &str) -> Result<Self, ClaimError> {
        let mut claims = json::glance(payload, REGISTERED).map_err(|_| ClaimError::NotAnObject)?;
        registered(&mut claims)
    }
}

fn read_claims(payload: &str) -> Result<UnverifiedClaims, ClaimError> {
    let read = json::read(payload, AllClaims::new()).ok().flatten().ok_or(ClaimError::NotAnObject)?;
    let AllClaims { mut claims, roles, flags } = read;
    Ok(UnverifiedClaims {
        payload: String::new(),
        registered: registered(&mut claims)?,
        organization: optional(&claims, "org_code", "x-hasura-org-code", boxed),
        permissions: optional(&claims, "permissions", "x-hasura-permissions", keys),
        roles: claim_or_twin(roles),
        scopes: scopes(&claims),
        flags: claim_or_twin(flags),
    })
}

fn registered(claims: &mut Object<'_>) -> Result<Registered, ClaimError> {
    match purpose(claims) {
        Purpose::Access => {}
        other => return Err(ClaimError::Purpose(other)),
    }
    let principal = principal(claims)?;
    Ok(Registered {
        issuer: text(claims, "iss")?.ok_or(ClaimError::Missing("iss"))?,
        audience: audience(claims.take("aud")),
        lifetime: Lifetime {
            expires_at: instant(claims, "exp", Rounding::Down)?.ok_or(ClaimError::Missing("exp"))?,
            not_before: instant(claims, "nbf", Rounding::Up)?,
            issued_at: instant(claims, "iat", Rounding::Up)?,
        },
        subject: subject(claims, principal)?,
        authorized_party: text(claims, "azp")?,
        token_id: text(claims, "jti")?,
        principal,
    })
}

/// Collects all claims. Roles and flags, which are more than texts, are kept under both of their names.
struct AllClaims<'a> {
    claims: Object<'a>,
    roles: [Claim<Box<[Role]>>; 2],
    flags: [Claim<FeatureFlags>; 2],
}

impl AllClaims<'_> {
    fn new() -> Self {
        let (roles, flags) = ([Claim::Absent, Claim::Absent], [Claim::Absent, Claim::Absent]);
        Self { claims: Object::new(), roles, flags }
    }
}

impl<'a> Shape<'a> for AllClaims<'a> {
    type Output = Option<Self>;

    fn value(self, _: Json<'a>) -> Option<Self> {
        None
    }

    fn object<A: MapAccess<'a>>(mut self, mut members: Members<'_, A>) -> Result<Option<Self>, A::Error> {
        let ([role, role_twin], [flag, flag_twin]) = (&mut self.roles, &mut self.flags);
        while let Some(name) = members.name(Known(&NAMES))? {
            match name {
                Some("roles") => *role = members.value(Roles)?,
                Some("x-hasura-roles") => *role_twin = members.value(Roles)?,
                Some("feature_flags") => *flag = members.value(Flags)?,
                Some("x-hasura-feature-flags") => *flag_twin = members.value(Flags)?,
                Some(name) => self.claims.insert(name, members.value(Flat)?),
                None => members.pass()?,
            }
        }
        Ok(Some(self))
    }
}

/// Returns a claim, or its twin if it is absent.
fn claim_or_twin<T>([claim, twin]: [Claim<T>; 2]) -> Claim<T> {
    if claim.is_absent() { twin } else { claim }
}

/// Returns an absent claim for null, else a malformed one, because the shape does not accept the value.
fn absent_if_null<T>(json: &Json<'_>) -> Claim<T> {
    if *json == Json::Null { Claim::Absent } else { Claim::Malformed }
}

/// Reads a claim of Kinde's. If it is absent or null, its twin is read.
fn optional<'o, 'a, T>(
    object: &'o Object<'a>,
    name: &str,
    twin: &str,
    read: impl FnOnce(&'o Json<'a>) -> Option<T>,
) -> Claim<T> {
    let value =
        [name, twin].into_iter().filter_map(|name| object.get(name)).find(|json| **json != Json::Null);
    match value.map(read) {
        None => Claim::Absent,
        Some(None) => Claim::Malformed,
        Some(Some(value)) => Claim::Present(value),
    }
}

fn boxed(json: &Json<'_>) -> Option<Box<str>> {
    json.as_text().map(Into::into)
}

/// Reads a registered claim that is absent or a string.
fn text(object: &Object<'_>, name: &'static str) -> Result<Option<Box<str>>, ClaimError> {
    match object.get(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.as_ref().into())),
        Some(_) => Err(ClaimError::Invalid(name)),
    }
}

/// Reads `sub`, which a user's token must have and which must not be empty.
fn subject(object: &Object<'_>, principal: Principal) -> Result<Option<Box<str>>, ClaimError> {
    match text(object, "sub")? {
        Some(subject) if subject.is_empty() => Err(ClaimError::Invalid("sub")),
        None if principal == Principal::User => Err(ClaimError::Missing("sub")),
        subject => Ok(subject),
    }
}

/// Reads the principal from `gty`, an array of grant types; a bare string counts as an array of one.
fn principal(object: &Object<'_>) -> Result<Principal, ClaimError> {
    let machine = match object.get("gty") {
        None | Some(Json::Null) => false,
        Some(Json::Text(grant)) => grant == "client_credentials",
        Some(Json::Texts(grants)) => grants.contains("client_credentials"),
        Some(_) => return Err(ClaimError::Invalid("gty")),
    };
    Ok(if machine { Principal::Machine } else { Principal::User })
}

/// Reads `aud`. A malformed audience is no error here, because `Rules::validate` checks the audience last.
fn audience(json: Option<Json<'_>>) -> Claim<Audience> {
    match json {
        None => Claim::Absent,
        Some(Json::Text(one)) => {
            let mut audience = Texts::default();
            audience.push(&one);
            Claim::Present(Audience(audience))
        }
        Some(Json::Texts(many)) => Claim::Present(Audience(many)),
        Some(_) => Claim::Malformed,
    }
}

/// The rounding of a fraction of a second, always toward the shorter lifetime.
#[derive(Clone, Copy)]
enum Rounding {
    Down,
    Up,
}

/// Reads a `NumericDate` (RFC 7519 §2): seconds since 1970, fractions allowed, up to the year 9999.
fn instant(object: &Object<'_>, name: &'static str, rounding: Rounding) -> Result<Option<u64>, ClaimError> {
    let seconds = match object.get(name) {
        None => return Ok(None),
        Some(Json::Integer(seconds)) => u64::try_from(*seconds).ok(),
        Some(Json::Float(seconds)) => whole(*seconds, rounding),
        Some(_) => None,
    };
    match seconds {
        Some(seconds) if seconds <= LAST_SECOND => Ok(Some(seconds)),
        _ => Err(ClaimError::Invalid(name)),
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked first: 0 to 253 402 300 800 is exact in both types"
)]
fn whole(seconds: f64, rounding: Rounding) -> Option<u64> {
    let rounded = match rounding {
        Rounding::Down => seconds.floor(),
        Rounding::Up => seconds.ceil(),
    };
    (0.0..=253_402_300_800.0).contains(&rounded).then_some(rounded as u64)
}

fn keys(json: &Json<'_>) -> Option<KeySet> {
    match json {
        Json::Texts(keys) => Some(KeySet::collect(keys.iter())),
        _ => None,
    }
}

/// Reads `scp`, an array, or else `scope`: an array, or a string of values between single spaces (RFC 6749 §3.3).
fn scopes(object: &Object<'_>) -> Claim<KeySet> {
    optional(object, "scp", "scope", |json| match json {
        Json::Text(list) if list.is_empty() => Some(KeySet::collect(std::iter::empty())),
        Json::Text(list) => Some(KeySet::collect(list.split(' ').filter(|scope| !scope.is_empty()))),
        other => keys(other),
    })
}

/// Reads roles: `{id, key, name}` objects or bare keys. Any other element makes the claim malformed.
struct Roles;

impl<'a> Shape<'a> for Roles {
    type Output = Claim<Box<[Role]>>;

    fn value(self, json: Json<'a>) -> Self::Output {
        absent_if_null(&json)
    }

    fn array<A: SeqAccess<'a>>(self, mut elements: Elements<'_, A>) -> Result<Self::Output, A::Error> {
        let mut roles = Vec::new();
        while let Some(role) = elements.next(OneRole)? {
            let Some(role) = role else {
                elements.skip()?;
                return Ok(Claim::Malformed);
            };
            roles.push(role);
        }
        Ok(Claim::Present(roles.into()))
    }
}

struct OneRole;

impl<'a> Shape<'a> for OneRole {
    type Output = Option<Role>;

    fn value(self, json: Json<'a>) -> Option<Role> {
        boxed(&json).map(|key| Role { id: None, key, name: None })
    }

    fn object<A: MapAccess<'a>>(self, members: Members<'_, A>) -> Result<Option<Role>, A::Error> {
        let role = Pick(&["id", "key", "name"]).object(members)?;
        Ok(role.and_then(|role| {
            let member = |name| role.get(name).and_then(boxed);
            Some(Role { id: member("id"), key: member("key")?, name: member("name") })
        }))
    }
}

/// Reads flags: `{"key": {"t": type letter, "v": value}}`.
struct Flags;

impl<'a> Shape<'a> for Flags {
    type Output = Claim<FeatureFlags>;

    fn value(self, json: Json<'a>) -> Self::Output {
        absent_if_null(&json)
    }

    fn object<A: MapAccess<'a>>(self, mut members: Members<'_, A>) -> Result<Self::Output, A::Error> {
        let mut flags = Vec::new();
        while let Some(name) = members.name(Flat)? {
            let flag = boxed(&name).zip(members.value(OneFlag)?);
            let Some((name, (kind, value))) = flag else {
                members.skip()?;
                return Ok(Claim::Malformed);
            };
            flags.push(Flag { name, kind, value });
        }
        Ok(Claim::Present(FeatureFlags::new(flags)))
    }
}

struct OneFlag;

impl<'a> Shape<'a> for OneFlag {
    type Output = Option<(Option<Box<str>>, FlagValue)>;

    fn value(self, _: Json<'a>) -> Self::Output {
        None
    }

    fn object<A: MapAccess<'a>>(self, mut members: Members<'_, A>) -> Result<Self::Output, A::Error> {
        let (mut kind, mut value) = (None, None);
        while let Some(name) = members.name(Known(&["t", "v"]))? {
            match name {
                Some("t") => kind = boxed(&members.value(Flat)?),
                Some(_) => value = Some(members.value(Tree)?),
                None => members.pass()?,
            }
        }
        Ok(value.map(|value| (kind, value.into())))
    }
}

/// Reads any value as JSON.
struct Tree;

impl<'a> Shape<'a> for Tree {
    type Output = Value;

    fn value(self, json: Json<'a>) -> Value {
        match json {
            Json::Bool(value) => value.into(),
            Json::Integer(value) => value.into(),
            Json::Float(value) => value.into(),
            Json::Text(value) => value.into(),
            Json::Null | Json::Texts(_) | Json::Array | Json::Object => Value::Null,
        }
    }

    fn array<A: SeqAccess<'a>>(self, mut elements: Elements<'_, A>) -> Result<Value, A::Error> {
        iter::from_fn(|| elements.next(Tree).transpose()).collect()
    }

    fn object<A: MapAccess<'a>>(self, mut members: Members<'_, A>) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.name(Tree)? {
            let value = members.value(Tree)?;
            object.extend(name.as_str().map(|name| (name.to_owned(), value)));
        }
        Ok(object.into())
    }
}

/// Returns the purpose of a token. Kinde signs ID tokens and webhook bodies with the same keys and the same `typ`, so only
/// the members of the payload differ.
fn purpose(object: &Object<'_>) -> Purpose {
    let any = |names: &[&str]| names.iter().any(|name| object.contains(name));
    if any(&["at_hash", "c_hash", "nonce"]) {
        Purpose::Identity
    } else if object.contains("event_id") && any(&["data", "type"]) {
        Purpose::Webhook
    } else if object.contains("cnf") {
        Purpose::Bound
    } else {
        Purpose::Access
    }
}

//! Kinde's wire shape: the only file that knows the names and forms of claims in a payload.

use std::borrow::Cow;

use super::flags::{FeatureFlags, Flag, FlagValue};
use super::key_set::KeySet;
use super::types::{Audience, Claim, Principal, Role};
use super::{Inner, Lifetime, Purpose};
use crate::json::{self, Json, Object};

/// The last second of the year 9999; a larger `NumericDate` is in milliseconds, or a mistake.
const LAST_SECOND: u64 = 253_402_300_799;

/// Why a payload has not the shape of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimError {
    /// Not one strict JSON object.
    NotAnObject,
    /// A required claim is absent.
    Missing(&'static str),
    /// A registered claim has the wrong JSON type, or is out of range.
    Invalid(&'static str),
    /// Made for something else than calling an API.
    Purpose(Purpose),
}

/// Reads a payload. Registered claims of a wrong type refuse it; Kinde's own claims are then malformed, and unknown.
pub(super) fn read(payload: String) -> Result<Inner, ClaimError> {
    let claims = read_claims(&payload)?;
    Ok(Inner { payload, ..claims })
}

fn read_claims(payload: &str) -> Result<Inner, ClaimError> {
    let object = json::parse_object(payload).map_err(|_| ClaimError::NotAnObject)?;
    match purpose(&object) {
        Purpose::Access => {}
        other => return Err(ClaimError::Purpose(other)),
    }
    let principal = principal(&object)?;
    Ok(Inner {
        payload: String::new(),
        issuer: text(&object, "iss")?.ok_or(ClaimError::Missing("iss"))?,
        audience: audience(&object),
        lifetime: Lifetime {
            expires_at: instant(&object, "exp", Rounding::Down)?.ok_or(ClaimError::Missing("exp"))?,
            not_before: instant(&object, "nbf", Rounding::Up)?,
            issued_at: instant(&object, "iat", Rounding::Up)?,
        },
        subject: subject(&object, principal)?,
        authorized_party: text(&object, "azp")?,
        token_id: text(&object, "jti")?,
        organization: optional(&object, "org_code", "x-hasura-org-code", boxed),
        principal,
        permissions: optional(&object, "permissions", "x-hasura-permissions", keys),
        roles: optional(&object, "roles", "x-hasura-roles", roles),
        scopes: scopes(&object),
        flags: optional(&object, "feature_flags", "x-hasura-feature-flags", flags),
    })
}

/// A claim of Kinde's: null counts as absent, and the Hasura mapping's name is read in its place.
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

/// A registered claim that must be a string if it is there.
fn text(object: &Object<'_>, name: &'static str) -> Result<Option<Box<str>>, ClaimError> {
    match object.get(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.as_ref().into())),
        Some(_) => Err(ClaimError::Invalid(name)),
    }
}

/// `sub` is required of a user's token and must not be empty.
fn subject(object: &Object<'_>, principal: Principal) -> Result<Option<Box<str>>, ClaimError> {
    match text(object, "sub")? {
        Some(subject) if subject.is_empty() => Err(ClaimError::Invalid("sub")),
        None if principal == Principal::User => Err(ClaimError::Missing("sub")),
        subject => Ok(subject),
    }
}

/// `gty` is an array of grant types; a bare string is read as an array of one.
fn principal(object: &Object<'_>) -> Result<Principal, ClaimError> {
    let machine = match object.get("gty") {
        None | Some(Json::Null) => false,
        Some(Json::Text(grant)) => grant == "client_credentials",
        Some(grants) => {
            texts(grants).ok_or(ClaimError::Invalid("gty"))?.any(|one| one == "client_credentials")
        }
    };
    Ok(if machine { Principal::Machine } else { Principal::User })
}

/// Not refused here, whatever it is: the audience is the last thing that is judged.
fn audience(object: &Object<'_>) -> Claim<Audience> {
    match object.get("aud") {
        None => Claim::Absent,
        Some(Json::Text(one)) => Claim::Present(Audience(vec![one.as_ref().into()])),
        Some(many) => texts(many)
            .map_or(Claim::Malformed, |all| Claim::Present(Audience(all.map(Into::into).collect()))),
    }
}

/// Which way a fraction of a second goes: always towards the shorter life.
#[derive(Clone, Copy)]
enum Rounding {
    Down,
    Up,
}

/// A `NumericDate` (RFC 7519 §2): seconds since 1970, fractions allowed, up to the year 9999.
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

/// The elements of an array of strings; `None` if it is anything else.
fn texts<'o>(json: &'o Json<'_>) -> Option<impl Iterator<Item = &'o str> + Clone> {
    match json {
        Json::Array(values) if values.iter().all(|value| matches!(value, Json::Text(_))) => {
            Some(values.iter().filter_map(Json::as_text))
        }
        _ => None,
    }
}

fn keys(json: &Json<'_>) -> Option<KeySet> {
    texts(json).map(KeySet::collect)
}

/// `scp` is an array; `scope` a string whose values are separated by single spaces (RFC 6749 §3.3), or an array.
fn scopes(object: &Object<'_>) -> Claim<KeySet> {
    optional(object, "scp", "scope", |json| match json {
        Json::Text(list) if list.is_empty() => Some(KeySet::collect(std::iter::empty())),
        Json::Text(list) => Some(KeySet::collect(list.split(' ').filter(|scope| !scope.is_empty()))),
        other => keys(other),
    })
}

/// Roles are `{id, key, name}` objects, or bare keys; one that is neither makes the whole claim unknown.
fn roles(json: &Json<'_>) -> Option<Box<[Role]>> {
    let Json::Array(values) = json else { return None };
    // Collected into an `Option`, the vector would not know how many are to come.
    let mut roles = Vec::with_capacity(values.len());
    for value in values {
        roles.push(role(value)?);
    }
    Some(roles.into())
}

fn role(json: &Json<'_>) -> Option<Role> {
    match json {
        Json::Text(key) => Some(Role::new(None, key, None)),
        Json::Object(role) => {
            let member = |name| role.get(name).and_then(Json::as_text);
            Some(Role::new(member("id"), member("key")?, member("name")))
        }
        _ => None,
    }
}

/// Flags are `{"key": {"t": type letter, "v": value}}`.
fn flags(json: &Json<'_>) -> Option<FeatureFlags> {
    let flags = json.as_object()?.iter().map(|(name, entry)| flag(name, entry));
    flags.collect::<Option<Vec<_>>>().map(FeatureFlags::new)
}

fn flag(name: &str, entry: &Json<'_>) -> Option<Flag> {
    let entry = entry.as_object()?;
    let value = FlagValue::from(owned(entry.get("v")?));
    Some(Flag { name: name.into(), kind: entry.get("t").and_then(boxed), value })
}

fn owned(json: &Json<'_>) -> serde_json::Value {
    match json {
        Json::Null => serde_json::Value::Null,
        Json::Bool(value) => (*value).into(),
        Json::Integer(value) => (*value).into(),
        Json::Float(value) => (*value).into(),
        Json::Text(Cow::Borrowed(value)) => (*value).into(),
        Json::Text(Cow::Owned(value)) => value.as_str().into(),
        Json::Array(values) => values.iter().map(owned).collect(),
        Json::Object(object) => object.iter().map(|(name, value)| (name.to_owned(), owned(value))).collect(),
    }
}

/// Kinde signs ID tokens and webhook bodies with the same keys and the same `typ`: only their members tell them apart.
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

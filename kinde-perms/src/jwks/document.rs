//! Parses a JWK Set (RFC 7517 §5) into the keys that may verify a token.
//!
//! 1. [`read`] checks the size and number of members; an unusable document is a [`DocumentError`].
//! 2. `read_member` checks each member on its own, so one bad key does not make the others unusable. A member that fails is
//!    [`Skipped`], with its reason. The checks are strict, because a skipped key can only cause a refusal.
//! 3. `Usable` drops the keys whose id stands for two different keys.
//! 4. `Keys::following` gives each key its generation.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::KeyError;
use crate::json::{self, Json, Object};
use crate::token::{Algorithm, Family, Key, KeyRefused, Keys};

/// The limit of bytes of a key set.
pub(crate) const MAX_BYTES: usize = 512 * 1024;
/// The limit of members of a key set.
const MAX_KEYS: usize = 100;

/// Members that exist in a private key only (RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2).
const PRIVATE_MEMBERS: &[&str] = MEMBERS.split_at(3).1;
/// The members that are read before the key as a whole.
const MEMBERS: &[&str] = &["kid", "kty", "alg", "d", "p", "q", "dp", "dq", "qi", "oth"];

/// The usable keys of a document, and the members that were skipped.
#[derive(Debug)]
pub(crate) struct ParsedKeySet {
    pub(crate) keys: Keys,
    pub(crate) skipped: Vec<Skipped>,
}

/// A member that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub(crate) kid: Option<String>,
    pub(crate) reason: SkipReason,
}

/// Why a member was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SkipReason {
    /// It is not a JSON object, is nested too deeply, or has a member twice or of the wrong type.
    Malformed,
    /// It has no `kid` or an empty one, so no token can name it.
    NoKid,
    /// It is a symmetric key: every reader of the document can sign with it.
    Symmetric,
    /// It is a private key: every reader of the document can sign with it, so its signatures prove nothing.
    Private,
    /// Its type or curve is unknown, or it lacks a member that its type requires.
    UnknownType,
    /// Its `use` is not `sig`.
    OtherUse,
    /// Its `key_ops` lack `verify`.
    OtherOperations,
    /// Its `alg` is not allowed, or not known.
    AlgorithmNotAllowed,
    /// It has no `alg`, and several allowed algorithms fit its type.
    AlgorithmAmbiguous,
    /// Its `alg` does not fit its type or curve.
    AlgorithmMismatch,
    /// A number or coordinate is not canonical base64url.
    NotBase64Url,
    /// The key material is weak or impossible.
    Material(KeyRefused),
    /// Two different keys have this id.
    KidConflict,
}

/// Why a document has no usable key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DocumentError {
    TooLarge,
    NotAKeySet,
    TooManyKeys,
    /// No member was usable; each skipped one has its reason.
    NoUsableKey(Vec<Skipped>),
}

/// Reads the keys of a document that are for one of the `allowed` algorithms.
///
/// A key that is in `previous` too keeps its generation.
pub(crate) fn read(
    body: &[u8],
    allowed: &[Algorithm],
    previous: &Keys,
) -> Result<ParsedKeySet, DocumentError> {
    let (usable, skipped) = sort_members(members(body)?, allowed);
    let keys = Keys::following(previous, usable);
    if keys.is_empty() {
        Err(DocumentError::NoUsableKey(skipped))
    } else {
        Ok(ParsedKeySet { keys, skipped })
    }
}

/// The part of a JWK Set that is read; other members are ignored (RFC 7517 §5).
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

fn members(body: &[u8]) -> Result<Vec<&RawValue>, DocumentError> {
    if body.len() > MAX_BYTES {
        return Err(DocumentError::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| DocumentError::NotAKeySet)?;
    // A derived `Deserialize` would also accept an array in place of the object.
    if !text.trim_ascii_start().starts_with('{') {
        return Err(DocumentError::NotAKeySet);
    }
    let document: Document<'_> = serde_json::from_str(text).map_err(|_| DocumentError::NotAKeySet)?;
    if document.keys.len() > MAX_KEYS { Err(DocumentError::TooManyKeys) } else { Ok(document.keys) }
}

fn sort_members(members: Vec<&RawValue>, allowed: &[Algorithm]) -> (Vec<(String, Arc<Key>)>, Vec<Skipped>) {
    let mut usable = Usable::default();
    let mut skipped = Vec::new();
    for member in members {
        match read_member(member.get(), allowed) {
            Ok((kid, key)) => usable.add(kid, key),
            Err(left_out) => skipped.push(left_out),
        }
    }
    let conflicts = usable.conflicts.into_iter();
    skipped.extend(conflicts.map(|kid| Skipped { kid: Some(kid), reason: SkipReason::KidConflict }));
    (usable.keys.into_iter().collect(), skipped)
}

/// The usable keys; an id that stands for two different keys is a conflict and has none.
#[derive(Default)]
struct Usable {
    keys: BTreeMap<String, Arc<Key>>,
    conflicts: Vec<String>,
}

impl Usable {
    /// Adds a key. If its id stands for another key already, both are dropped: a token cannot tell them apart.
    fn add(&mut self, kid: String, key: Key) {
        if self.conflicts.contains(&kid) {
            return;
        }
        if self.keys.get(&kid).is_some_and(|known| **known != key) {
            self.keys.remove(&kid);
            self.conflicts.push(kid);
        } else {
            self.keys.insert(kid, Arc::new(key));
        }
    }
}

fn read_member(text: &str, allowed: &[Algorithm]) -> Result<(String, Key), Skipped> {
    let object = json::parse_object(text, MEMBERS)
        .map_err(|_| Skipped { kid: None, reason: SkipReason::Malformed })?;
    let kid = object.get("kid").and_then(Json::as_text).filter(|kid| !kid.is_empty());
    let skipped = |reason| Skipped { kid: kid.map(str::to_owned), reason };
    let key = read_key(text, &object, allowed).map_err(skipped)?;
    let kid = kid.ok_or_else(|| skipped(SkipReason::NoKid))?;
    Ok((kid.to_owned(), key))
}

fn read_key(text: &str, object: &Object<'_>, allowed: &[Algorithm]) -> Result<Key, SkipReason> {
    if object.get("kty").and_then(Json::as_text) == Some("oct") {
        return Err(SkipReason::Symmetric);
    }
    if PRIVATE_MEMBERS.iter().any(|member| object.contains(member)) {
        return Err(SkipReason::Private);
    }
    let jwk: Jwk = serde_json::from_str(text).map_err(|_| SkipReason::Malformed)?;
    check_purpose(&jwk.common)?;
    let family = family(&jwk.algorithm)?;
    make_key(algorithm(declared(object)?, family, allowed)?, &jwk.algorithm)
}

/// Refuses a key whose `use` or `key_ops`, if present, exclude the verification of signatures (RFC 7517 §4.2, §4.3).
fn check_purpose(jwk: &CommonParameters) -> Result<(), SkipReason> {
    if !matches!(jwk.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return Err(SkipReason::OtherUse);
    }
    match &jwk.key_operations {
        Some(operations) if !operations.contains(&KeyOperations::Verify) => Err(SkipReason::OtherOperations),
        _ => Ok(()),
    }
}

fn family(parameters: &AlgorithmParameters) -> Result<Family, SkipReason> {
    match parameters {
        AlgorithmParameters::RSA(_) => Ok(Family::Rsa),
        AlgorithmParameters::EllipticCurve(ec) => match ec.curve {
            EllipticCurve::P256 => Ok(Family::P256),
            EllipticCurve::P384 => Ok(Family::P384),
            EllipticCurve::P521 => Ok(Family::P521),
            _ => Err(SkipReason::UnknownType),
        },
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => Ok(Family::Ed25519),
        _ => Err(SkipReason::UnknownType),
    }
}

/// Reads `alg` as text: the list of algorithms in `jsonwebtoken` lacks ES512.
fn declared<'a>(object: &'a Object<'_>) -> Result<Option<&'a str>, SkipReason> {
    match object.get("alg") {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(name)) => Ok(Some(name)),
        Some(_) => Err(SkipReason::Malformed),
    }
}

/// Returns the one algorithm that a key is bound to.
fn algorithm(declared: Option<&str>, family: Family, allowed: &[Algorithm]) -> Result<Algorithm, SkipReason> {
    let Some(name) = declared else { return only_one(family, allowed) };
    let algorithm = Algorithm::from_name(name).filter(|algorithm| allowed.contains(algorithm));
    let algorithm = algorithm.ok_or(SkipReason::AlgorithmNotAllowed)?;
    if algorithm.family() == family { Ok(algorithm) } else { Err(SkipReason::AlgorithmMismatch) }
}

fn only_one(family: Family, allowed: &[Algorithm]) -> Result<Algorithm, SkipReason> {
    let mut fitting = allowed.iter().filter(|algorithm| algorithm.family() == family);
    let first = fitting.next().ok_or(SkipReason::AlgorithmNotAllowed)?;
    if fitting.all(|other| other == first) { Ok(*first) } else { Err(SkipReason::AlgorithmAmbiguous) }
}

fn make_key(algorithm: Algorithm, parameters: &AlgorithmParameters) -> Result<Key, SkipReason> {
    let key = match parameters {
        AlgorithmParameters::RSA(rsa) => Key::rsa(algorithm, &decode(&rsa.n)?, &decode(&rsa.e)?),
        AlgorithmParameters::EllipticCurve(ec) => Key::ec(algorithm, &decode(&ec.x)?, &decode(&ec.y)?),
        AlgorithmParameters::OctetKeyPair(okp) => Key::ed25519(algorithm, &decode(&okp.x)?),
        _ => return Err(SkipReason::UnknownType),
    };
    key.map_err(SkipReason::Material)
}

fn decode(text: &str) -> Result<Vec<u8>, SkipReason> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| SkipReason::NotBase64Url)
}

impl DocumentError {
    /// Returns the skipped members; none if the document was refused as a whole.
    pub(crate) fn skipped(&self) -> &[Skipped] {
        match self {
            Self::NoUsableKey(skipped) => skipped,
            _ => &[],
        }
    }
}

impl From<&DocumentError> for KeyError {
    fn from(error: &DocumentError) -> Self {
        match error {
            DocumentError::TooLarge => Self::TooLarge,
            DocumentError::NotAKeySet => Self::NotAKeySet,
            DocumentError::TooManyKeys => Self::TooManyKeys,
            DocumentError::NoUsableKey(_) => Self::NoUsableKey,
        }
    }
}

impl SkipReason {
    /// Returns `true` if the reason is a problem that the issuer's operator should know of.
    pub(crate) fn is_alarming(self) -> bool {
        matches!(self, Self::Private | Self::Symmetric | Self::KidConflict | Self::Material(_))
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed, or a member stands twice",
            Self::NoKid => "no key id",
            Self::Symmetric => "a symmetric key was published",
            Self::Private => "a private key was published: revoke it, anyone can sign with it",
            Self::UnknownType => "unknown key type or curve, or a member is missing",
            Self::OtherUse => "not meant for signatures",
            Self::OtherOperations => "not meant for verification",
            Self::AlgorithmNotAllowed => "its algorithm is not allowed",
            Self::AlgorithmAmbiguous => "it names no algorithm, and several that are allowed fit it",
            Self::AlgorithmMismatch => "its algorithm does not go with its type or curve",
            Self::NotBase64Url => "not canonical base64url",
            Self::Material(refused) => return refused.fmt(f),
            Self::KidConflict => "two different keys have this key id",
        })
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;

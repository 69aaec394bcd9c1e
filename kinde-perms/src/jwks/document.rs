//! Reads a JWK Set (RFC 7517 §5): which of its members are keys that may verify a token.
//!
//! Every member is judged on its own, so that one bad key never sinks the set, and every key left out is named with
//! its reason. Whether a member is *usable* is decided strictly: a key that is left out can only cause a refusal.

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

/// The most bytes a key set may have.
pub(crate) const MAX_BYTES: usize = 512 * 1024;
/// The most members a key set may have.
const MAX_KEYS: usize = 100;

/// Members that exist in a private key only (RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2).
const PRIVATE_MEMBERS: &[&str] = MEMBERS.split_at(3).1;
/// The members that are looked at before the key is read as a whole.
const MEMBERS: &[&str] = &["kid", "kty", "alg", "d", "p", "q", "dp", "dq", "qi", "oth"];

/// The usable keys of a document, and what was left out.
#[derive(Debug)]
pub(crate) struct KeySet {
    pub(crate) keys: Keys,
    pub(crate) skipped: Vec<Skipped>,
}

/// A member that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub(crate) kid: Option<String>,
    pub(crate) reason: SkipReason,
}

/// Why a member was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SkipReason {
    /// Not a JSON object, nested too deeply, a member twice, or a member of the wrong type.
    Malformed,
    /// No `kid`, or an empty one: no token could name it.
    NoKid,
    /// A symmetric key: whoever reads it can sign with it.
    Symmetric,
    /// A private key: whoever reads the document can sign with it, so no signature of it proves anything any more.
    Private,
    /// Of an unknown type or curve, or without a member its type requires.
    UnknownType,
    /// Meant for something else than signatures.
    OtherUse,
    /// Not meant for verification.
    OtherOperations,
    /// Meant for an algorithm that is not allowed, or not known.
    AlgorithmNotAllowed,
    /// Meant for no algorithm in particular, while several that are allowed could use it.
    AlgorithmAmbiguous,
    /// Meant for an algorithm that does not go with its type or curve.
    AlgorithmMismatch,
    /// A number or coordinate that is not canonical base64url.
    NotBase64Url,
    /// Weak or impossible key material.
    Material(KeyRefused),
    /// Two different keys go by this id.
    KidConflict,
}

/// Why no key set could be had from a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DocumentError {
    TooLarge,
    NotAKeySet,
    TooManyKeys,
    /// Nothing was usable; what was left out tells why.
    NoUsableKey(Vec<Skipped>),
}

/// Reads a key set of which only keys for one of the `allowed` algorithms are used.
///
/// Keys that `previous` holds too keep their generation.
pub(crate) fn read(body: &[u8], allowed: &[Algorithm], previous: &Keys) -> Result<KeySet, DocumentError> {
    let (usable, skipped) = sort(members(body)?, allowed);
    let keys = Keys::following(previous, usable);
    if keys.is_empty() { Err(DocumentError::NoUsableKey(skipped)) } else { Ok(KeySet { keys, skipped }) }
}

/// The part of a JWK Set that is looked at; any other member is ignored (RFC 7517 §5).
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
    // A derived reader would also take an array for the object, field by field.
    if !text.trim_ascii_start().starts_with('{') {
        return Err(DocumentError::NotAKeySet);
    }
    let document: Document<'_> = serde_json::from_str(text).map_err(|_| DocumentError::NotAKeySet)?;
    if document.keys.len() > MAX_KEYS { Err(DocumentError::TooManyKeys) } else { Ok(document.keys) }
}

fn sort(members: Vec<&RawValue>, allowed: &[Algorithm]) -> (Vec<(String, Arc<Key>)>, Vec<Skipped>) {
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

/// The usable keys, none of whose ids stands for two of them.
#[derive(Default)]
struct Usable {
    keys: BTreeMap<String, Arc<Key>>,
    conflicts: Vec<String>,
}

impl Usable {
    /// Adds a key, unless its id stands for another one already: then neither can be told from the other.
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

/// Lets only keys pass whose purpose, where told, is the verification of signatures (RFC 7517 §4.2, §4.3).
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

/// Reads `alg` by our own list of names: the JWK reader's list lacks ES512.
fn declared<'a>(object: &'a Object<'_>) -> Result<Option<&'a str>, SkipReason> {
    match object.get("alg") {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(name)) => Ok(Some(name)),
        Some(_) => Err(SkipReason::Malformed),
    }
}

/// Decides the one algorithm a key is bound to.
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
    /// Returns what was left out, if the document could be read so far.
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
    /// Tells whether the issuer has a problem that its operator should hear of.
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

//! Parses and verifies the compact serialization of a JSON Web Signature (RFC 7515 §7.1), strictly.
//!
//! 1. [`Unverified::parse`] checks the length, splits the token into three parts, and decodes each from canonical base64url.
//! 2. `read_header` parses the header as strict JSON. It must name an allowed `alg` and a `kid`, and must not have a member
//!    that changes the meaning of the token.
//! 3. The caller finds the key by [`Unverified::kid`].
//! 4. [`Unverified::verify`] checks that the key is for the header's algorithm, verifies the signature, and returns the
//!    payload as [`Signed`].

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::error::TokenError;
use super::signature::Key;
use crate::json::{self, Json, Object};

/// The limit of bytes of a token, far above Kinde's largest tokens. It bounds the cost of garbage.
pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The limit of characters of an encoded header, far above the 120 of Kinde's. Only members that are ignored can be long: a
/// certificate chain (`x5c`) or a key (`jwk`).
const MAX_HEADER_BYTES: usize = 2 * 1024;

/// The members of a header that are read.
const MEMBERS: &[&str] =
    &["alg", "kid", "typ", "crit", "cty", "zip", "b64", "jku", "x5u", "x5t", "x5t#S256", "x5c", "jwk"];

/// The limit of bytes of a `kid`, above those of all key sets. It bounds the memory of unknown ids.
const MAX_KID_BYTES: usize = 256;

/// A header without unsupported members.
struct Header {
    algorithm: Algorithm,
    kid: Box<str>,
}

/// The payload of a token whose signature is good. [`Unverified::verify`] alone makes one, and
/// [`Rules::accept`](super::Rules::accept) alone takes the payload.
pub(crate) struct Signed {
    pub(super) payload: String,
}

/// A token that is well-formed and has no unsupported header member. Nothing in it may be trusted yet.
pub(crate) struct Unverified<'t> {
    header: Header,
    signing_input: &'t str,
    payload: String,
    signature: Vec<u8>,
}

impl<'t> Unverified<'t> {
    /// Parses a token whose algorithm must be one of `allowed`.
    pub(crate) fn parse(token: &'t str, allowed: &[Algorithm]) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLarge);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(TokenError::Malformed)?;
        if header.len() > MAX_HEADER_BYTES {
            return Err(TokenError::TooLarge);
        }
        let (header, payload, signature) = (text(header)?, text(payload)?, bytes(signature)?);
        if payload.is_empty() || signature.is_empty() {
            return Err(TokenError::Malformed);
        }
        let header = read_header(&header, allowed)?;
        Ok(Self { header, signing_input, payload, signature })
    }

    /// Returns the id of the key that is said to have signed.
    pub(crate) fn kid(&self) -> &str {
        &self.header.kid
    }

    /// Returns the payload, which is not verified. Use it only to decide whether a key is worth a fetch.
    pub(crate) fn unverified_payload(&self) -> &str {
        &self.payload
    }

    /// Returns the signed payload if `key` is for the header's algorithm and made the signature, else the token.
    pub(crate) fn verify(self, key: &Key) -> Result<Signed, (TokenError, Self)> {
        // The key determines the algorithm: a header cannot select another one (RFC 8725 §3.1).
        if key.algorithm() != self.header.algorithm {
            return Err((TokenError::AlgorithmMismatch, self));
        }
        if key.verify(self.signing_input.as_bytes(), &self.signature) {
            Ok(Signed { payload: self.payload })
        } else {
            Err((TokenError::InvalidSignature, self))
        }
    }
}

/// Decodes canonical base64url without padding: no other text decodes to the same bytes (RFC 4648 §3.5).
fn bytes(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

fn text(part: &str) -> Result<String, TokenError> {
    String::from_utf8(bytes(part)?).map_err(|_| TokenError::Malformed)
}

fn read_header(text: &str, allowed: &[Algorithm]) -> Result<Header, TokenError> {
    let header = json::parse_object(text, MEMBERS).map_err(|_| TokenError::Malformed)?;
    let name = header.get("alg").and_then(Json::as_text).ok_or(TokenError::Malformed)?;
    let algorithm = Algorithm::from_name(name)
        .filter(|algorithm| allowed.contains(algorithm))
        .ok_or(TokenError::AlgorithmNotAllowed)?;
    refuse_unsupported(&header)?;
    refuse_mistyped(&header)?;
    match header.get("kid").and_then(Json::as_text) {
        Some(kid) if (1..=MAX_KID_BYTES).contains(&kid.len()) => Ok(Header { algorithm, kid: kid.into() }),
        _ => Err(TokenError::MissingKeyId),
    }
}

/// Refuses members that change the meaning of the token. Locations of keys (`jku`, `x5u`, `jwk`, `x5c`) are ignored: keys
/// come from the configured issuer alone.
fn refuse_unsupported(header: &Object<'_>) -> Result<(), TokenError> {
    for name in ["crit", "cty", "zip"] {
        if header.contains(name) {
            return Err(TokenError::UnsupportedHeader(name));
        }
    }
    if !matches!(header.get("b64"), None | Some(Json::Bool(true))) {
        return Err(TokenError::UnsupportedHeader("b64"));
    }
    match header.get("typ") {
        None => Ok(()),
        Some(Json::Text(typ)) if is_access_token_type(typ) => Ok(()),
        Some(_) => Err(TokenError::UnsupportedHeader("typ")),
    }
}

/// Refuses registered members of a wrong type (RFC 7515 §4.1), although they are not used, so that no token is accepted here
/// that a stricter parser calls malformed.
fn refuse_mistyped(header: &Object<'_>) -> Result<(), TokenError> {
    let is_text = |value: &Json<'_>| matches!(value, Json::Text(_));
    let texts = ["jku", "x5u", "x5t", "x5t#S256"];
    let well_typed = texts.iter().all(|name| header.get(name).is_none_or(is_text))
        && header.get("x5c").is_none_or(|value| matches!(value, Json::Texts(_)))
        && header.get("jwk").is_none_or(|value| matches!(value, Json::Object));
    if well_typed { Ok(()) } else { Err(TokenError::Malformed) }
}

/// Returns `true` for `JWT`, which Kinde writes, and `at+jwt` (RFC 9068 §2.1). Media types are compared without case, and
/// the prefix `application/` may be left out.
fn is_access_token_type(typ: &str) -> bool {
    const PREFIX: &str = "application/";
    let short = match typ.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => typ.get(PREFIX.len()..).unwrap_or_default(),
        _ => typ,
    };
    short.eq_ignore_ascii_case("JWT") || short.eq_ignore_ascii_case("at+jwt")
}

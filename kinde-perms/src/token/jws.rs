//! The compact serialisation of a JSON Web Signature (RFC 7515 §7.1), read strictly.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::error::TokenError;
use super::signature::Key;
use crate::json::{self, Json, Object};

/// Above Kinde's largest tokens by a wide margin; the bound keeps the cost of garbage small.
pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// No key set publishes a longer one; the bound keeps the memory of unknown ones small.
const MAX_KID_BYTES: usize = 256;

/// A token that is well-formed and asks for nothing unsupported; nothing in it is to be believed yet.
pub(crate) struct Unverified<'t> {
    algorithm: Algorithm,
    kid: String,
    signing_input: &'t str,
    payload: String,
    /// The header's bytes, then those of the signature.
    decoded: Vec<u8>,
    header_length: usize,
}

impl<'t> Unverified<'t> {
    /// Reads the form and the header of a token whose algorithm must be one of `allowed`.
    pub(crate) fn parse(token: &'t str, allowed: &[Algorithm]) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLarge);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(TokenError::Malformed)?;
        let mut decoded = Vec::with_capacity(header.len().saturating_add(signature.len()));
        decode_onto(&mut decoded, header)?;
        let header_length = decoded.len();
        decode_onto(&mut decoded, signature)?;
        let payload = String::from_utf8(decode(payload)?).map_err(|_| TokenError::Malformed)?;
        if payload.is_empty() || decoded.len() == header_length {
            return Err(TokenError::Malformed);
        }
        let (algorithm, kid) = read_header(decoded.get(..header_length).unwrap_or_default(), allowed)?;
        Ok(Self { algorithm, kid, signing_input, payload, decoded, header_length })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Returns the payload without verifying anything: only good for deciding whether a key is worth fetching.
    pub(crate) fn unverified_payload(&self) -> &str {
        &self.payload
    }

    /// Returns the payload and the `kid` if `key` is for the header's algorithm and made the signature.
    pub(crate) fn verify(self, key: &Key) -> Result<(String, String), TokenError> {
        self.check(key)?;
        Ok((self.payload, self.kid))
    }

    fn check(&self, key: &Key) -> Result<(), TokenError> {
        // The key decides: a header cannot choose another algorithm for it (RFC 8725 §3.1).
        if key.algorithm() != self.algorithm {
            return Err(TokenError::AlgorithmMismatch);
        }
        let signature = self.decoded.get(self.header_length..).unwrap_or_default();
        if key.verify(self.signing_input.as_bytes(), signature) {
            Ok(())
        } else {
            Err(TokenError::InvalidSignature)
        }
    }
}

/// Canonical base64url without padding: no other text decodes to the same bytes (RFC 4648 §3.5).
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

fn decode_onto(decoded: &mut Vec<u8>, part: &str) -> Result<(), TokenError> {
    URL_SAFE_NO_PAD.decode_vec(part, decoded).map_err(|_| TokenError::Malformed)
}

fn read_header(header: &[u8], allowed: &[Algorithm]) -> Result<(Algorithm, String), TokenError> {
    let header = std::str::from_utf8(header).map_err(|_| TokenError::Malformed)?;
    judge_header(&json::parse_object(header).map_err(|_| TokenError::Malformed)?, allowed)
}

fn judge_header(header: &Object<'_>, allowed: &[Algorithm]) -> Result<(Algorithm, String), TokenError> {
    let name = header.get("alg").and_then(Json::as_text).ok_or(TokenError::Malformed)?;
    let algorithm = Algorithm::from_name(name)
        .filter(|algorithm| allowed.contains(algorithm))
        .ok_or(TokenError::AlgorithmNotAllowed)?;
    refuse_unsupported(header)?;
    match header.get("kid").and_then(Json::as_text) {
        Some(kid) if (1..=MAX_KID_BYTES).contains(&kid.len()) => Ok((algorithm, kid.to_owned())),
        _ => Err(TokenError::MissingKeyId),
    }
}

/// Refuses members that change what the token means. Key locations (`jku`, `x5u`, `jwk`, `x5c`) are ignored instead:
/// keys come from the configured issuer alone.
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

/// Kinde writes `JWT`; RFC 9068 §2.1 writes `at+jwt`. Media types compare without case, `application/` may be left out.
fn is_access_token_type(typ: &str) -> bool {
    const PREFIX: &str = "application/";
    let short = match typ.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => typ.get(PREFIX.len()..).unwrap_or_default(),
        _ => typ,
    };
    short.eq_ignore_ascii_case("JWT") || short.eq_ignore_ascii_case("at+jwt")
}

//! Edits valid tokens without signing them again, as a forger without the key does.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

/// The three parts of a token, decoded. Edits do *not* renew the signature.
///
/// ```
/// use kinde_perms_testkit::{TokenBuilder, TokenParts};
///
/// let token = TokenBuilder::new("https://acme.kinde.com", "https://api.example.test").sign();
/// let forged = TokenParts::of(&token)
///     .edit_payload(|claims| {
///         claims.insert("permissions".into(), vec!["manage:users"].into());
///     })
///     .to_string();
/// assert_ne!(forged, token);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenParts {
    /// The header's bytes, JSON as a rule.
    pub header: Vec<u8>,
    /// The payload's bytes, JSON as a rule.
    pub payload: Vec<u8>,
    /// The signature's bytes.
    pub signature: Vec<u8>,
}

impl TokenParts {
    /// Takes a token apart.
    ///
    /// # Panics
    /// When `token` is not three parts in base64url.
    #[expect(clippy::expect_used, reason = "a test hands over what it has just made")]
    #[must_use]
    pub fn of(token: &str) -> Self {
        let decode = |part| URL_SAFE_NO_PAD.decode(part).expect("a part of the token is not base64url");
        let parts: Vec<_> = token.split('.').map(decode).collect();
        let [header, payload, signature] = parts.try_into().expect("the token does not have three parts");
        Self { header, payload, signature }
    }

    /// Changes members of the header.
    ///
    /// # Panics
    /// When the header is not a JSON object.
    #[must_use]
    pub fn edit_header(mut self, edit: impl FnOnce(&mut Map<String, Value>)) -> Self {
        self.header = edited(&self.header, edit);
        self
    }

    /// Changes claims.
    ///
    /// # Panics
    /// When the payload is not a JSON object.
    #[must_use]
    pub fn edit_payload(mut self, edit: impl FnOnce(&mut Map<String, Value>)) -> Self {
        self.payload = edited(&self.payload, edit);
        self
    }

    /// Changes the signature's bytes.
    #[must_use]
    pub fn edit_signature(mut self, edit: impl FnOnce(&mut Vec<u8>)) -> Self {
        edit(&mut self.signature);
        self
    }

    /// Flips the lowest bit of byte `index` of the signature; a shorter signature is unchanged.
    #[must_use]
    pub fn flip_signature_bit(self, index: usize) -> Self {
        self.edit_signature(|signature| {
            if let Some(byte) = signature.get_mut(index) {
                *byte ^= 1;
            }
        })
    }

    /// Rewrites an ECDSA signature from `R || S` to the ASN.1 `SEQUENCE` that other protocols use.
    #[must_use]
    pub fn with_signature_in_der(self) -> Self {
        self.edit_signature(|signature| {
            let (r, s) = signature.split_at(signature.len() / 2);
            *signature = der_element(0x30, &[der_unsigned(r), der_unsigned(s)].concat());
        })
    }

    /// Returns the header as JSON, or `null` if it is not JSON.
    #[must_use]
    pub fn header_json(&self) -> Value {
        serde_json::from_slice(&self.header).unwrap_or_default()
    }

    /// Returns the payload as JSON, or `null` if it is not JSON.
    #[must_use]
    pub fn payload_json(&self) -> Value {
        serde_json::from_slice(&self.payload).unwrap_or_default()
    }
}

/// Writes the token.
impl fmt::Display for TokenParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [header, payload, signature] =
            [&self.header, &self.payload, &self.signature].map(|part| URL_SAFE_NO_PAD.encode(part));
        write!(f, "{header}.{payload}.{signature}")
    }
}

/// Writes DER as a PEM block (RFC 7468) that ends in a line break.
///
/// Forgers use the PEM text of a public key as an HMAC secret.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut lines = vec![format!("-----BEGIN {label}-----")];
    lines.extend(base64.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()));
    lines.push(format!("-----END {label}-----\n"));
    lines.join("\n")
}

#[expect(clippy::expect_used, reason = "a test edits what it has just made")]
fn edited(json: &[u8], edit: impl FnOnce(&mut Map<String, Value>)) -> Vec<u8> {
    let mut members: Map<String, Value> =
        serde_json::from_slice(json).expect("this part is not a JSON object");
    edit(&mut members);
    Value::Object(members).to_string().into_bytes()
}

/// Writes a big-endian number as a DER `INTEGER`: without leading zeros, except one before a set highest bit.
fn der_unsigned(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    der_element(0x02, &[sign, digits].concat())
}

/// Writes a DER element with a single length byte. Longer content makes the element malformed.
fn der_element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let header: &[u8] = if length < 0x80 { &[tag, length] } else { &[tag, 0x81, length] };
    [header, content].concat()
}

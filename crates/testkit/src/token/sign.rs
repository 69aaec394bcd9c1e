//! Encodes and signs tokens.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{SigningKey, TokenBuilder};

/// The hash of an HMAC signature, which no verifier of access tokens may accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hmac {
    /// `HS256`.
    Sha256,
    /// `HS384`.
    Sha384,
    /// `HS512`.
    Sha512,
}

/// Header and encoding.
impl TokenBuilder {
    /// Sets the header's `kid`, regardless of the signing key.
    pub fn kid(self, kid: &str) -> Self {
        self.header("kid", kid)
    }

    /// Sets any member of the header, even `alg`, to any JSON value. The signature still has the key's algorithm.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), Some(value.into()));
        self
    }

    /// Removes a member of the header.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.insert(name.to_owned(), None);
        self
    }

    /// Replaces the header by these bytes; the signature covers them.
    pub fn with_raw_header(mut self, header: impl Into<Vec<u8>>) -> Self {
        self.raw_header = Some(header.into());
        self
    }

    /// Replaces the payload by these bytes; the signature covers them.
    pub fn with_raw_payload(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.raw_payload = Some(payload.into());
        self
    }

    /// Edits the payload's JSON text, for content that JSON values cannot hold: repeated members, comments or `NaN`.
    ///
    /// Fixes the times now; later changes of claims have no effect.
    pub fn with_payload_text(self, edit: impl FnOnce(String) -> String) -> Self {
        let text = String::from_utf8_lossy(&self.payload_bytes()).into_owned();
        self.with_raw_payload(edit(text))
    }

    /// Leaves the payload unencoded, as `b64: false` of RFC 7797 does; the header is unchanged.
    pub fn with_payload_unencoded(mut self) -> Self {
        self.payload_unencoded = true;
        self
    }
}

/// Signatures; each method returns the finished token.
impl TokenBuilder {
    /// Signs with the builder's key.
    #[must_use]
    pub fn sign(&self) -> String {
        self.sign_with(&self.key)
    }

    /// Signs with another key, and names it in the header unless [`kid`](Self::kid) was called.
    #[must_use]
    pub fn sign_with(&self, key: &SigningKey) -> String {
        let signed_by = self.clone().key(key);
        signed_by.sign_by(key.algorithm().as_str(), |input| key.sign(input))
    }

    /// Takes the bytes that `signer` returns for the signing input as signature, and names `alg` in the header.
    #[must_use]
    pub fn sign_by(&self, alg: &str, signer: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let header = URL_SAFE_NO_PAD.encode(self.header_bytes(alg));
        let input = format!("{header}.{}", self.payload_segment());
        let signature = URL_SAFE_NO_PAD.encode(signer(input.as_bytes()));
        format!("{input}.{signature}")
    }

    /// Signs with HMAC and `secret`, as a forger does who uses a published key as the secret.
    #[must_use]
    pub fn hmac_with(&self, hash: Hmac, secret: &[u8]) -> String {
        let key = hmac::Key::new(hash.algorithm(), secret);
        self.sign_by(hash.alg(), |input| hmac::sign(&key, input).as_ref().to_vec())
    }

    /// Returns the token with `alg` set to `none` and an empty signature.
    #[must_use]
    pub fn unsigned(&self) -> String {
        self.sign_by("none", |_| Vec::new())
    }

    fn header_bytes(&self, alg: &str) -> Vec<u8> {
        if let Some(raw) = &self.raw_header {
            return raw.clone();
        }
        let usual = [("alg", alg), ("kid", self.key.kid()), ("typ", "JWT")];
        let mut header: Map<_, _> =
            usual.map(|(name, value)| (name.to_owned(), json!(value))).into_iter().collect();
        for (name, value) in self.header.clone() {
            match value {
                Some(value) => header.insert(name, value),
                None => header.remove(&name),
            };
        }
        Value::Object(header).to_string().into_bytes()
    }

    fn payload_segment(&self) -> String {
        let payload = self.payload_bytes();
        if self.payload_unencoded {
            return String::from_utf8_lossy(&payload).into_owned();
        }
        URL_SAFE_NO_PAD.encode(payload)
    }

    fn payload_bytes(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw_payload {
            return raw.clone();
        }
        let now = self.clock.unix_time();
        let claims = self.claims.iter().map(|(name, content)| (name.clone(), content.resolve(now)));
        Value::Object(claims.collect()).to_string().into_bytes()
    }
}

impl Hmac {
    const fn alg(self) -> &'static str {
        match self {
            Self::Sha256 => "HS256",
            Self::Sha384 => "HS384",
            Self::Sha512 => "HS512",
        }
    }

    const fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }
}

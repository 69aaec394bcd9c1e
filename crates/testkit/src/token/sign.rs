//! The form of a token and its signature.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{SigningKey, TokenBuilder};

/// The hash of a message authentication code, the symmetric signature that no verifier of access tokens may accept.
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

/// What the form of the token is.
impl TokenBuilder {
    /// Sets the header's `kid`, whatever key signs.
    pub fn kid(self, kid: &str) -> Self {
        self.header("kid", kid)
    }

    /// Sets any member of the header to any JSON value, `alg` too: the signature stays what it is.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), Some(value.into()));
        self
    }

    /// Leaves a member of the header out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.insert(name.to_owned(), None);
        self
    }

    /// Takes these bytes for the header, in place of JSON; the token is signed properly over them.
    pub fn with_raw_header(mut self, header: impl Into<Vec<u8>>) -> Self {
        self.raw_header = Some(header.into());
        self
    }

    /// Takes these bytes for the payload, in place of JSON; the token is signed properly over them.
    pub fn with_raw_payload(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.raw_payload = Some(payload.into());
        self
    }

    /// Edits the payload's JSON text: for what JSON values cannot say, such as repeated members, comments or `NaN`.
    ///
    /// Times are settled now, and what is said about claims afterwards has no effect.
    pub fn with_payload_text(self, edit: impl FnOnce(String) -> String) -> Self {
        let text = String::from_utf8_lossy(&self.payload_bytes()).into_owned();
        self.with_raw_payload(edit(text))
    }

    /// Puts the payload between the dots as it is, the `b64: false` form of RFC 7797; the header stays as it is.
    pub fn with_payload_unencoded(mut self) -> Self {
        self.payload_unencoded = true;
        self
    }
}

/// How the token is signed, which completes it.
impl TokenBuilder {
    /// Signs with the issuer's key.
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

    /// Signs with whatever `signer` returns for the signing input, under the name `alg`.
    #[must_use]
    pub fn sign_by(&self, alg: &str, signer: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let header = URL_SAFE_NO_PAD.encode(self.header_bytes(alg));
        let input = format!("{header}.{}", self.payload_segment());
        let signature = URL_SAFE_NO_PAD.encode(signer(input.as_bytes()));
        format!("{input}.{signature}")
    }

    /// Signs with a shared secret, as a forger does who takes a published key for one.
    #[must_use]
    pub fn hmac_with(&self, hash: Hmac, secret: &[u8]) -> String {
        let key = hmac::Key::new(hash.algorithm(), secret);
        self.sign_by(hash.alg(), |input| hmac::sign(&key, input).as_ref().to_vec())
    }

    /// Leaves the signature empty and says so: `alg` is `none`.
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
        let claims = self.claims.iter().map(|(name, content)| (name.clone(), content.settle(now)));
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

//! Signing keys and their public JWKs.

use std::fmt;
use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair, RsaPssSaltLength,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::{der, ids};
use kinde_perms::Algorithm;

/// A private key with its `kid` and the one algorithm it signs with.
///
/// Keys live in memory, unless a test writes one down ([`SigningKey::to_pkcs8`]). [`SigningKey::shared`] is created
/// once per process, so that no private key has to be committed with the tests.
#[derive(Clone)]
pub struct SigningKey {
    material: Arc<Material>,
    algorithm: Algorithm,
    kid: Arc<str>,
}

enum Material {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A member of a JWK.
type Member = (&'static str, String);

/// One key serves every issuer of a test binary, because creating an RSA key takes about 100 ms.
static SHARED: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::Rs256));

impl SigningKey {
    /// Returns the RS256 key of this process: RSA with 2048 bits, as Kinde's. Every call returns the same key.
    ///
    /// Issuers that must not share a key use [`SigningKey::generate`].
    #[must_use]
    pub fn shared() -> Self {
        SHARED.clone()
    }

    /// Creates a key: RSA with 2048 bits, the curve that the algorithm names, or Ed25519.
    ///
    /// # Panics
    /// When the operating system has no randomness to give.
    #[must_use]
    pub fn generate(algorithm: Algorithm) -> Self {
        let material = Material::generate(algorithm);
        let kid = ids::kid(material.public_key()).into();
        Self { material: Arc::new(material), algorithm, kid }
    }

    /// Reads an RSA key from PKCS #8 in DER, as [`to_pkcs8`](Self::to_pkcs8) writes it; `None` for other input.
    #[must_use]
    pub fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let material = Material::Rsa(RsaKeyPair::from_pkcs8(pkcs8).ok()?);
        let kid = ids::kid(material.public_key()).into();
        Some(Self { material: Arc::new(material), algorithm: Algorithm::Rs256, kid })
    }

    /// Returns an RSA private key as PKCS #8 in DER (RFC 5958); `None` for other keys.
    #[must_use]
    pub fn to_pkcs8(&self) -> Option<Vec<u8>> {
        match &*self.material {
            Material::Rsa(pair) => {
                AsDer::<Pkcs8V1Der<'_>>::as_der(pair).ok().map(|der| der.as_ref().to_vec())
            }
            Material::Ec(_) | Material::Ed25519(_) => None,
        }
    }

    /// Returns the same key under another `kid`.
    #[must_use]
    pub fn with_kid(&self, kid: &str) -> Self {
        Self { kid: kid.into(), ..self.clone() }
    }

    /// Returns the same key for another algorithm of its family, for instance RS512 or PS256 for an RS256 key.
    ///
    /// Signing with an algorithm of another family panics.
    #[must_use]
    pub fn with_algorithm(&self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self.clone() }
    }

    /// Returns the key's identifier: by default sixteen bytes of the public key's digest as `4c:fa:9e:…`, Kinde's form.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Returns the algorithm that the key signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the public half as an issuer publishes it (RFC 7517): `{"alg","e","kid","kty","n","use"}` for RSA.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let common = [("alg", self.algorithm.as_str()), ("kid", self.kid()), ("use", "sig")];
        let common = common.map(|(name, value)| (name, value.to_owned()));
        let members = self.material.public_members().into_iter().chain(common);
        members.map(|(name, value)| (name.to_owned(), Value::String(value))).collect::<Map<_, _>>().into()
    }

    /// Returns the public key in its family's own encoding.
    ///
    /// That is `RSAPublicKey` in DER for RSA (RFC 8017), the uncompressed point for a curve, 32 bytes for Ed25519.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.material.public_key()
    }

    /// Returns the public key as `SubjectPublicKeyInfo` in DER (RFC 5280).
    ///
    /// # Panics
    /// Never: every key has this encoding.
    #[must_use]
    pub fn public_key_info(&self) -> Vec<u8> {
        self.material.public_key_info()
    }

    /// Signs `message` with the key's algorithm; ECDSA signatures are `R || S` (RFC 7518 §3.4).
    ///
    /// # Panics
    /// When [`SigningKey::with_algorithm`] named an algorithm of another key family.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &*self.material {
            Material::Rsa(pair) => sign_rsa(pair, rsa_encoding(self.algorithm), message),
            Material::Ec(pair) => sign_ec(pair, message),
            Material::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// Signs `message` as PS256 does, but with a salt of `salt_length` bytes, where RFC 7518 §3.5 demands 32.
    ///
    /// # Panics
    /// When the key is not an RSA key.
    #[must_use]
    pub fn sign_ps256_with_salt(&self, salt_length: u16, message: &[u8]) -> Vec<u8> {
        let salt = RsaPssSaltLength::Custom(salt_length);
        // The library requires a `'static` encoding; a test can afford to leak these few bytes.
        let encoding: &'static _ = Box::leak(Box::new(RSA_PSS_SHA256.with_pss_salt_length(salt)));
        match &*self.material {
            Material::Rsa(pair) => sign_rsa(pair, encoding, message),
            Material::Ec(_) | Material::Ed25519(_) => wrong_family(Algorithm::Ps256),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Material {
    #[expect(clippy::expect_used, reason = "a test without a key cannot go on")]
    fn generate(algorithm: Algorithm) -> Self {
        let curve = match algorithm {
            Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            Algorithm::Es512 => &ECDSA_P521_SHA512_FIXED_SIGNING,
            Algorithm::EdDsa => return Self::Ed25519(Ed25519KeyPair::generate().expect("an Ed25519 key")),
            _ => return Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key")),
        };
        Self::Ec(EcdsaKeyPair::generate(curve).expect("a key on a named curve"))
    }

    fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::Ec(pair) => pair.public_key().as_ref(),
            Self::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    #[expect(clippy::expect_used, reason = "a key that was just made has an encoding")]
    fn public_key_info(&self) -> Vec<u8> {
        let der: Result<PublicKeyX509Der<'_>, _> = match self {
            Self::Rsa(pair) => pair.public_key().as_der(),
            Self::Ec(pair) => pair.public_key().as_der(),
            Self::Ed25519(pair) => pair.public_key().as_der(),
        };
        der.expect("the public key's encoding").as_ref().to_vec()
    }

    fn public_members(&self) -> Vec<Member> {
        match self {
            Self::Rsa(_) => rsa_members(self.public_key()),
            Self::Ec(_) => ec_members(self.public_key()),
            Self::Ed25519(_) => okp_members(self.public_key()),
        }
    }
}

fn rsa_members(public_key: &[u8]) -> Vec<Member> {
    let (modulus, exponent) = der::rsa_public_key(public_key);
    vec![("kty", "RSA".to_owned()), ("n", encode(modulus)), ("e", encode(exponent))]
}

/// Splits an uncompressed point: one byte `04`, then two coordinates of the curve's length (SEC 1 §2.3.3).
fn ec_members(point: &[u8]) -> Vec<Member> {
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    let curve = match x.len() {
        32 => "P-256",
        48 => "P-384",
        _ => "P-521",
    };
    vec![("kty", "EC".to_owned()), ("crv", curve.to_owned()), ("x", encode(x)), ("y", encode(y))]
}

fn okp_members(public_key: &[u8]) -> Vec<Member> {
    vec![("kty", "OKP".to_owned()), ("crv", "Ed25519".to_owned()), ("x", encode(public_key))]
}

fn rsa_encoding(algorithm: Algorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &RSA_PSS_SHA256,
        Algorithm::Ps384 => &RSA_PSS_SHA384,
        Algorithm::Ps512 => &RSA_PSS_SHA512,
        other => wrong_family(other),
    }
}

#[expect(clippy::expect_used, reason = "a key in memory signs any message")]
fn sign_rsa(pair: &RsaKeyPair, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature).expect("an RSA signature");
    signature
}

#[expect(clippy::expect_used, reason = "a key in memory signs any message")]
fn sign_ec(pair: &EcdsaKeyPair, message: &[u8]) -> Vec<u8> {
    pair.sign(&SystemRandom::new(), message).expect("an ECDSA signature").as_ref().to_vec()
}

#[expect(clippy::panic, reason = "the test asks for something that does not exist")]
fn wrong_family(algorithm: Algorithm) -> ! {
    panic!("a key of this family cannot sign {}", algorithm.as_str())
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Writes a JWK set (RFC 7517 §5) of these JWKs.
pub(super) fn key_set(jwks: impl IntoIterator<Item = String>) -> String {
    let jwks: Vec<String> = jwks.into_iter().collect();
    format!(r#"{{"keys":[{}]}}"#, jwks.join(","))
}

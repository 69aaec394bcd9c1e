//! Textbook RSA: keys that no honest issuer publishes, and signatures that no library makes.

use std::sync::LazyLock;

use aws_lc_rs::digest::{self, Algorithm, SHA256};
use aws_lc_rs::rand;
use num_bigint::BigUint;
use serde_json::json;

use crate::der;
use crate::forge::{decode, encode};

const EXPONENT: u32 = 65_537;

/// A private key as three numbers.
#[derive(Clone, Debug)]
pub(crate) struct RawRsa {
    pub(crate) n: BigUint,
    pub(crate) e: BigUint,
    d: BigUint,
}

/// A key like any other, but for the signatures that can be made with it.
pub(crate) static ORDINARY: LazyLock<RawRsa> = LazyLock::new(|| RawRsa::generate(2048));

impl RawRsa {
    /// Makes a key of two random primes.
    pub(crate) fn generate(bits: u64) -> Self {
        let half = bits / 2;
        Self::of(&[prime(|| random(half)), prime(|| random(half))])
    }

    /// Makes a key with an even modulus that still verifies.
    pub(crate) fn with_even_modulus() -> Self {
        Self::of(&[BigUint::from(2_u8), prime(|| random(1024)), prime(|| random(1024))])
    }

    /// Makes a key as the library of CVE-2017-15361 made them: each prime is a power of 65537 modulo many small primes.
    pub(crate) fn roca() -> Self {
        let primorial: BigUint = small_primes(167).map(BigUint::from).product();
        let candidate = || {
            let power = BigUint::from(EXPONENT).modpow(&random(64), &primorial);
            let factor = random(1024) / &primorial;
            factor * &primorial + power
        };
        loop {
            let key = Self::of(&[prime(candidate), prime(candidate)]);
            if key.n.bits() == 2048 {
                return key;
            }
        }
    }

    fn of(primes: &[BigUint]) -> Self {
        let e = BigUint::from(EXPONENT);
        let order: BigUint = primes.iter().map(|prime| prime - 1_u8).product();
        let d = e.modinv(&order).expect("an exponent that fits the primes");
        Self { n: primes.iter().product(), e, d }
    }

    /// Returns the length of a signature in bytes.
    pub(crate) fn length(&self) -> usize {
        usize::try_from(self.n.bits().div_ceil(8)).unwrap()
    }

    /// Applies the private key to an encoded message.
    pub(crate) fn apply(&self, encoded: &[u8]) -> Vec<u8> {
        let encoded = BigUint::from_bytes_be(encoded);
        let signature = encoded.modpow(&self.d, &self.n);
        assert_eq!(signature.modpow(&self.e, &self.n), encoded, "the key works, weak as it is");
        fixed(&signature, self.length())
    }

    /// Signs as RS256 does.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.apply(&pkcs1(&digest_info(message), self.length()))
    }

    /// Returns the JWK of the public key.
    pub(crate) fn jwk(&self, kid: &str, algorithm: &str) -> String {
        jwk(&self.n, &self.e, kid, algorithm)
    }
}

/// Returns the JWK of any two numbers.
pub(crate) fn jwk(n: &BigUint, e: &BigUint, kid: &str, algorithm: &str) -> String {
    let number = |number: &BigUint| encode(number.to_bytes_be());
    json!({ "kty": "RSA", "use": "sig", "alg": algorithm, "kid": kid, "n": number(n), "e": number(e) })
        .to_string()
}

/// Returns the modulus of a JWK.
pub(crate) fn modulus(jwk: &serde_json::Value) -> BigUint {
    BigUint::from_bytes_be(&decode(jwk["n"].as_str().unwrap()))
}

/// Writes a number big-endian in a fixed length.
pub(crate) fn fixed(number: &BigUint, length: usize) -> Vec<u8> {
    let digits = number.to_bytes_be();
    [vec![0; length - digits.len()], digits].concat()
}

/// Writes the `DigestInfo` of a message's SHA-256 (RFC 8017 §9.2).
pub(crate) fn digest_info(message: &[u8]) -> Vec<u8> {
    let algorithm = der::element(
        der::SEQUENCE,
        &[&der::element(der::OBJECT_IDENTIFIER, &[der::SHA256]), &der::element(der::NULL, &[])],
    );
    let hash = der::element(der::OCTET_STRING, &[digest::digest(&SHA256, message).as_ref()]);
    der::element(der::SEQUENCE, &[&algorithm, &hash])
}

/// Pads arbitrary bytes as EMSA-PKCS1-v1_5 does (RFC 8017 §9.2).
pub(crate) fn pkcs1(content: &[u8], length: usize) -> Vec<u8> {
    let padding = vec![0xff; length - 3 - content.len()];
    [&[0, 1], padding.as_slice(), &[0], content].concat()
}

/// Encodes as EMSA-PSS does with SHA-256 and a salt of 32 bytes, but with another hash for the mask (RFC 8017 §9.1).
pub(crate) fn pss(message: &[u8], mask: &'static Algorithm, length: usize) -> Vec<u8> {
    let mut salt = [0; 32];
    rand::fill(&mut salt).unwrap();
    let hash = digest::digest(&SHA256, message);
    let salted = digest::digest(&SHA256, &[&[0; 8], hash.as_ref(), &salt].concat());
    let padding = vec![0; length - 32 - 32 - 2];
    let mut block = [padding.as_slice(), &[1], &salt].concat();
    for (byte, mask) in block.iter_mut().zip(mgf1(salted.as_ref(), mask)) {
        *byte ^= mask;
    }
    block[0] &= 0x7f;
    [block.as_slice(), salted.as_ref(), &[0xbc]].concat()
}

fn mgf1(seed: &[u8], hash: &'static Algorithm) -> impl Iterator<Item = u8> {
    (0_u32..).flat_map(move |counter| {
        digest::digest(hash, &[seed, &counter.to_be_bytes()].concat()).as_ref().to_vec()
    })
}

/// Returns a random odd number of exactly this many bits, with the second highest bit set as well.
fn random(bits: u64) -> BigUint {
    let mut bytes = vec![0; usize::try_from(bits / 8).unwrap()];
    rand::fill(&mut bytes).unwrap();
    bytes[0] |= 0xc0;
    *bytes.last_mut().unwrap() |= 1;
    BigUint::from_bytes_be(&bytes)
}

fn prime(candidate: impl Fn() -> BigUint) -> BigUint {
    std::iter::repeat_with(candidate).find(is_prime).unwrap()
}

/// Fermat's test is enough for random numbers.
fn is_prime(number: &BigUint) -> bool {
    let has_small_factor = small_primes(1000).any(|prime| (number % prime) == BigUint::ZERO);
    !has_small_factor && BigUint::from(2_u8).modpow(&(number - 1_u8), number) == BigUint::from(1_u8)
}

fn small_primes(last: u32) -> impl Iterator<Item = u32> {
    (2..=last).filter(|number| {
        (2..*number).take_while(|factor| factor * factor <= *number).all(|factor| number % factor != 0)
    })
}

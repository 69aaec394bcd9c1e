//! Textbook Ed25519 (RFC 8032 §5.1): signatures that only the owner of a key can make, and no library does.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA512, digest};
use aws_lc_rs::rand;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use num_bigint::BigUint;
use serde_json::json;

use crate::forge::encode;

/// The order of the base point.
const ORDER: &[u8] = b"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";
/// The neutral element, which has order one.
const NEUTRAL: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 1;
    point
};

/// A key whose owner makes ambiguous signatures on purpose.
pub(crate) static CARELESS: LazyLock<RawEdwards> = LazyLock::new(RawEdwards::generate);

/// A private key as a number, with its public key.
#[derive(Debug)]
pub(crate) struct RawEdwards {
    scalar: BigUint,
    pair: Ed25519KeyPair,
}

impl RawEdwards {
    fn generate() -> Self {
        let mut seed = [0; 32];
        rand::fill(&mut seed).unwrap();
        let mut scalar = digest(&SHA512, &seed).as_ref()[..32].to_vec();
        scalar[0] &= 0xf8;
        scalar[31] = scalar[31] & 0x7f | 0x40;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        Self { scalar: BigUint::from_bytes_le(&scalar), pair }
    }

    pub(crate) fn jwk(&self, kid: &str) -> String {
        let x = encode(self.pair.public_key());
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x })
            .to_string()
    }

    /// Signs as RFC 8032 prescribes.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    /// Signs with the neutral element for R: the equation holds, although R hides nothing.
    pub(crate) fn sign_with_neutral_point(&self, message: &[u8]) -> Vec<u8> {
        let hash = digest(&SHA512, &[&NEUTRAL, self.pair.public_key().as_ref(), message].concat());
        let s = BigUint::from_bytes_le(hash.as_ref()) * &self.scalar % order();
        let mut bytes = s.to_bytes_le();
        bytes.resize(32, 0);
        [NEUTRAL.as_slice(), &bytes].concat()
    }
}

/// Returns the order of the base point.
pub(crate) fn order() -> BigUint {
    BigUint::parse_bytes(ORDER, 16).unwrap()
}

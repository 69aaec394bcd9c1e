//! Public keys, signatures and digests. This file alone names the crypto library.

use std::fmt;

use aws_lc_rs::digest::{self, SHA256, SHA256_OUTPUT_LEN};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents,
};

use super::algorithm::Algorithm;
use super::modulus;

const RSA_MIN_BITS: usize = 2048;
/// Verification time grows with the square of this length, and larger keys are not in use.
const RSA_MAX_BITS: usize = 8192;
/// The crypto library refuses exponents above 33 bits on verification, so such a key would verify nothing.
const RSA_MAX_EXPONENT_BYTES: usize = 4;
const ED25519_LEN: usize = 32;

/// A public key bound to the one algorithm it may verify.
///
/// The key, not the token's header, determines how a signature is verified. A key cannot be used with another algorithm, so
/// algorithm confusion is impossible.
pub(crate) struct Key {
    algorithm: Algorithm,
    parsed: ParsedPublicKey,
}

/// Why public key material was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyRefused {
    /// The algorithm does not verify with this kind of key.
    WrongFamily,
    /// An integer is empty or has leading zeros; RFC 7518 §6.3.1 asks for the shortest form.
    NotMinimal,
    /// An RSA modulus below 2048 bits (RFC 7518 §3.3).
    ModulusTooShort,
    /// An RSA modulus above 8192 bits.
    ModulusTooLong,
    /// An RSA modulus that is even or a multiple of a small prime, and so not a product of two large primes.
    ModulusComposite,
    /// An RSA modulus with the fingerprint of CVE-2017-15361 (ROCA): it can be factored.
    ModulusRoca,
    /// An RSA exponent that is even, 1, or longer than 32 bits.
    Exponent,
    /// A coordinate of another length than the curve's (RFC 7518 §6.2.1.2, RFC 8037 §2).
    CoordinateLength,
    /// A point that is not on the curve.
    NotOnCurve,
    /// An Ed25519 point of small order: one signature fits many messages.
    SmallOrder,
    /// Refused by the crypto library, which gives no reason.
    Rejected,
}

impl Key {
    /// Creates an RSA key from its modulus and exponent, big-endian.
    pub(crate) fn rsa(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<Self, KeyRefused> {
        let parameters = rsa_parameters(algorithm).ok_or(KeyRefused::WrongFamily)?;
        check_modulus(n)?;
        check_exponent(e)?;
        let components = RsaPublicKeyComponents { n, e };
        let parsed = components.to_parsed_public_key(parameters).map_err(|_| KeyRefused::Rejected)?;
        Ok(Self { algorithm, parsed })
    }

    /// Creates a key on the algorithm's curve from the coordinates of a point, big-endian and of full length.
    pub(crate) fn ec(algorithm: Algorithm, x: &[u8], y: &[u8]) -> Result<Self, KeyRefused> {
        let (parameters, len) = ec_parameters(algorithm).ok_or(KeyRefused::WrongFamily)?;
        if x.len() != len || y.len() != len {
            return Err(KeyRefused::CoordinateLength);
        }
        // An uncompressed point (SEC 1 §2.3.3); parsing it checks that it lies on the curve.
        let point = [&[0x04], x, y].concat();
        let parsed = ParsedPublicKey::new(parameters, point).map_err(|_| KeyRefused::NotOnCurve)?;
        Ok(Self { algorithm, parsed })
    }

    /// Creates an Ed25519 key from its 32 bytes (RFC 8032 §5.1.5).
    pub(crate) fn ed25519(algorithm: Algorithm, x: &[u8]) -> Result<Self, KeyRefused> {
        if algorithm != Algorithm::EdDsa {
            return Err(KeyRefused::WrongFamily);
        }
        if x.len() != ED25519_LEN {
            return Err(KeyRefused::CoordinateLength);
        }
        if has_small_order(x) {
            return Err(KeyRefused::SmallOrder);
        }
        let parsed = ParsedPublicKey::new(&ED25519, x).map_err(|_| KeyRefused::NotOnCurve)?;
        Ok(Self { algorithm, parsed })
    }

    /// Returns the algorithm this key is bound to.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns `true` if `signature` is this key's signature of `input`.
    pub(crate) fn verify(&self, input: &[u8], signature: &[u8]) -> bool {
        // Strict Ed25519 verification also refuses a signature whose point R has small order.
        let degenerate =
            self.algorithm == Algorithm::EdDsa && signature.get(..ED25519_LEN).is_some_and(has_small_order);
        !degenerate && self.parsed.verify_sig(input, signature).is_ok()
    }
}

/// A SHA-256 digest, which stands for a text without revealing it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; SHA256_OUTPUT_LEN]);

impl Digest {
    /// Digests a text.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut bytes = [0; SHA256_OUTPUT_LEN];
        let digest = digest::digest(&SHA256, text);
        bytes.iter_mut().zip(digest.as_ref()).for_each(|(byte, from)| *byte = *from);
        Self(bytes)
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Keys are equal when they are bound to the same algorithm and made of the same material.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.parsed.as_ref() == other.parsed.as_ref()
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl fmt::Display for KeyRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongFamily => "key type does not fit the algorithm",
            Self::NotMinimal => "integer is empty or has leading zeros",
            Self::ModulusTooShort => "RSA modulus is shorter than 2048 bits",
            Self::ModulusTooLong => "RSA modulus is longer than 8192 bits",
            Self::ModulusComposite => "RSA modulus is a multiple of a small prime",
            Self::ModulusRoca => "RSA modulus is of the ROCA kind (CVE-2017-15361)",
            Self::Exponent => "RSA exponent is even, 1, or longer than 32 bits",
            Self::CoordinateLength => "coordinate does not have the length of the curve",
            Self::NotOnCurve => "point is not on the curve",
            Self::SmallOrder => "point has small order",
            Self::Rejected => "rejected by the crypto library",
        })
    }
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    // These PSS parameters use the signature's hash for MGF1 too, and a salt of the hash's length (RFC 7518 §3.5).
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::EdDsa => None,
    }
}

/// Returns the verification of fixed-length `R || S` signatures (RFC 7518 §3.4) and the length of a coordinate.
fn ec_parameters(algorithm: Algorithm) -> Option<(&'static EcdsaVerificationAlgorithm, usize)> {
    match algorithm {
        Algorithm::Es256 => Some((&ECDSA_P256_SHA256_FIXED, 32)),
        Algorithm::Es384 => Some((&ECDSA_P384_SHA384_FIXED, 48)),
        Algorithm::Es512 => Some((&ECDSA_P521_SHA512_FIXED, 66)),
        _ => None,
    }
}

fn check_modulus(n: &[u8]) -> Result<(), KeyRefused> {
    let first = n.first().filter(|first| **first != 0).ok_or(KeyRefused::NotMinimal)?;
    let spare = usize::try_from(first.leading_zeros()).unwrap_or(usize::MAX);
    let bits = n.len().saturating_mul(8).saturating_sub(spare);
    if bits < RSA_MIN_BITS {
        return Err(KeyRefused::ModulusTooShort);
    }
    if bits > RSA_MAX_BITS {
        return Err(KeyRefused::ModulusTooLong);
    }
    if modulus::has_small_factor(n) {
        return Err(KeyRefused::ModulusComposite);
    }
    if modulus::is_roca(n) { Err(KeyRefused::ModulusRoca) } else { Ok(()) }
}

/// Refuses exponents under which a signature proves nothing.
///
/// With exponent 1, a signature is the padded message itself, which anyone can compute. An even exponent has no inverse
/// modulo the (even) group order, so no private key belongs to it.
fn check_exponent(e: &[u8]) -> Result<(), KeyRefused> {
    let (first, last) =
        e.first().zip(e.last()).filter(|(first, _)| **first != 0).ok_or(KeyRefused::NotMinimal)?;
    let is_one = e.len() == 1 && *first == 1;
    if is_one || last % 2 == 0 || e.len() > RSA_MAX_EXPONENT_BYTES {
        return Err(KeyRefused::Exponent);
    }
    Ok(())
}

/// Returns `true` if an encoded Edwards point is one of the eight points of small order, in any encoding.
///
/// That includes both values of the sign bit and the non-canonical forms of 0 and 1 (p and p + 1).
fn has_small_order(point: &[u8]) -> bool {
    SMALL_ORDER_Y.iter().any(|small| equal_but_for_sign(point, small))
}

/// Compares two encoded points without the top bit, which holds the sign of x (RFC 8032 §5.1.2).
fn equal_but_for_sign(left: &[u8], right: &[u8]) -> bool {
    let (Some((left, left_head)), Some((right, right_head))) = (left.split_last(), right.split_last()) else {
        return false;
    };
    left & 0x7f == right & 0x7f && left_head == right_head
}

/// The y coordinates, little-endian, of the points of order 1, 2, 4 and 8, with their non-canonical forms.
const SMALL_ORDER_Y: [[u8; ED25519_LEN]; 7] = [
    // 0 (order 4) and 1 (order 1)
    *b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    *b"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    // the two of order 8
    *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    // p - 1 (order 2), p and p + 1
    *b"\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    *b"\xed\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    *b"\xee\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
];

#[cfg(test)]
mod tests;

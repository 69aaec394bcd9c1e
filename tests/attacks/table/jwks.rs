//! The members of a key set: which of them may verify anything.

use std::sync::LazyLock;

use kinde_perms::{ConfigError, KeyError, TokenError, Validator, config::ConfigErrorKind};
use kinde_perms_testkit::{Issuer, SigningKey};
use num_bigint::BigUint;
use serde_json::{Value, json};

use crate::attack::{Attack, Case, accepted, refused};
use crate::forge::{add_members, encode};
use crate::rsa::{self, ORDINARY, RawRsa, pkcs1};
use crate::stage::{ATTACKER, Setup, Stage};

/// A token by the attacker's key, which the issuer publishes under this id in a form that must not be used.
fn unusable(stage: &Stage, kid: &str) -> Case {
    let token = stage.token().key(&ATTACKER).kid(kid).sign();
    Case::refused(kid, token, TokenError::UnknownKey)
}

/// Publishes the attacker's key with other members, and without one.
fn publish(issuer: &Issuer, kid: &str, members: &Value, without: &str) {
    let mut jwk = ATTACKER.with_kid(kid).public_jwk();
    let known = jwk.as_object_mut().unwrap();
    known.remove(without);
    known.extend(members.as_object().unwrap().clone());
    issuer.extra_jwk(jwk.to_string());
}

pub(crate) fn attacks() -> Vec<Attack> {
    vec![
        refused("jwks-02")
            .on(Setup::publishing(publish_for_other_uses), |stage| {
                ["use", "use-other", "key_ops", "key_ops-none"].map(|kid| unusable(stage, kid)).into()
            })
            .scene(|| Box::pin(async { sole_key_for_encryption() })),
        refused("jwks-03").on(Setup::publishing(publish_weak), weak),
        refused("jwks-05").choice("neither is used: which of the two is meant cannot be told").on(
            Setup::publishing(publish_twice),
            |stage| {
                let with = |key: &SigningKey| stage.token().key(key).kid("twice").sign();
                vec![
                    Case::refused("the one", with(&ATTACKER), TokenError::UnknownKey),
                    Case::refused("the other", with(&SigningKey::shared()), TokenError::UnknownKey),
                ]
            },
        ),
        accepted("jwks-06").on(Setup::publishing(publish_strange), |stage| {
            vec![Case::accepted("the RSA key beside them", stage.token().sign())]
        }),
        refused("jwks-07").choice("the key is left out, so that its tokens name no key").on(
            Setup::publishing(publish_duplicate_members),
            |stage| {
                (0..DUPLICATES.len()).map(|number| unusable(stage, &format!("duplicate-{number}"))).collect()
            },
        ),
        refused("jwks-08")
            .choice("the key is left out, with a warning: whoever has read the document can sign with it")
            .on(Setup::publishing(publish_private), |stage| {
                PRIVATE.map(|member| unusable(stage, member)).into()
            }),
    ]
}

fn publish_for_other_uses(issuer: &Issuer) {
    publish(issuer, "use", &json!({ "use": "enc" }), "");
    publish(issuer, "use-other", &json!({ "use": "SIG" }), "");
    publish(issuer, "key_ops", &json!({ "key_ops": ["encrypt", "wrapKey"] }), "use");
    publish(issuer, "key_ops-none", &json!({ "key_ops": [] }), "use");
}

fn sole_key_for_encryption() {
    let mut jwk = SigningKey::shared().public_jwk();
    jwk["use"] = json!("enc");
    let key_set = json!({ "keys": [jwk] }).to_string();
    let error = Validator::builder("https://acme.kinde.com", "api").build_with_static_keys(&key_set).err();
    let kind = ConfigErrorKind::Keys(KeyError::NoUsableKey);
    assert_eq!(error.as_ref().map(ConfigError::kind), Some(&kind), "start-up fails");
}

/// Weak keys, and keys for which signatures are easy to forge.
static SHORT: LazyLock<RawRsa> = LazyLock::new(|| RawRsa::generate(1024));
static EVEN: LazyLock<RawRsa> = LazyLock::new(RawRsa::with_even_modulus);
static ROCA: LazyLock<RawRsa> = LazyLock::new(RawRsa::roca);

fn publish_weak(issuer: &Issuer) {
    for (kid, key) in [("short", &*SHORT), ("even", &*EVEN), ("roca", &*ROCA)] {
        issuer.extra_jwk(key.jwk(kid, "RS256"));
    }
    issuer.extra_jwk(rsa::jwk(&ORDINARY.n, &BigUint::from(1_u8), "exponent-1", "RS256"));
    issuer.extra_jwk(rsa::jwk(&ORDINARY.n, &BigUint::from(2_u8), "exponent-2", "RS256"));
    issuer.extra_jwk(rsa::jwk(&BigUint::from(0_u8), &BigUint::from(65_537_u32), "zero", "RS256"));
    issuer.extra_jwk(rsa::jwk(&(&ORDINARY.n << 8192_u32), &ORDINARY.e, "long", "RS256"));
}

fn weak(stage: &Stage) -> Vec<Case> {
    let with = |kid: &str, signer: &dyn Fn(&[u8]) -> Vec<u8>| {
        let token = stage.token().kid(kid).sign_by("RS256", signer);
        Case::refused(kid, token, TokenError::UnknownKey)
    };
    vec![
        with("short", &|input| SHORT.sign(input)),
        with("even", &|input| EVEN.sign(input)),
        with("roca", &|input| ROCA.sign(input)),
        // Under the exponent 1 an encoded message is its own signature.
        with("exponent-1", &|input| pkcs1(&rsa::digest_info(input), ORDINARY.length())),
        with("exponent-2", &|input| ORDINARY.sign(input)),
        with("zero", &|_| vec![0; 256]),
        with("long", &|_| vec![1; 1280]),
    ]
}

fn publish_twice(issuer: &Issuer) {
    issuer.publish(&SigningKey::shared().with_kid("twice"));
    issuer.publish(&ATTACKER.with_kid("twice"));
}

fn publish_strange(issuer: &Issuer) {
    let strange = [
        r#"{"kty":"AKP","alg":"ML-DSA-44","kid":"pq","pub":"AAAA"}"#,
        r#"{"kty":"FOO","kid":"foo"}"#,
        r#"{"kty":"EC","crv":"P-256K","kid":"k1","x":"AA","y":"AA"}"#,
        r#"{"kid":"bare"}"#,
        r#"{"kty":1,"kid":2}"#,
        "{}",
        "null",
        "1",
        r#""RSA""#,
        "[]",
        r#"{"kty":"RSA","kid":"no numbers","alg":"RS256"}"#,
    ];
    for jwk in strange {
        issuer.extra_jwk(jwk);
    }
}

const DUPLICATES: [&str; 5] =
    [r#""kty":"oct""#, r#""kty":"RSA""#, r#""alg":"RS512""#, r#""kid":"other""#, r#""x":{"y":1,"y":2}"#];

fn publish_duplicate_members(issuer: &Issuer) {
    for (number, members) in DUPLICATES.iter().enumerate() {
        let jwk = ATTACKER.with_kid(&format!("duplicate-{number}")).public_jwk().to_string();
        issuer.extra_jwk(add_members(&jwk, members));
    }
}

const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

fn publish_private(issuer: &Issuer) {
    for member in PRIVATE {
        publish(issuer, member, &json!({ member: encode([1; 32]) }), "");
    }
}

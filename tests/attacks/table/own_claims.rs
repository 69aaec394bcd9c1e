//! Our own attacks on registered claims, on the purpose of a token, and on its signature.

use kinde_perms::{Algorithm, TokenError};
use kinde_perms_testkit::TokenParts;
use num_bigint::BigUint;
use serde_json::{Value, json};

use crate::attack::{Attack, Case, accepted, refused};
use crate::forge::{with_claim_text, with_payload};
use crate::rsa::fixed;
use crate::stage::Setup;

const P256: Setup = Setup::only(&[Algorithm::Es256]);
const P256_ORDER: &[u8] = b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

pub(crate) fn attacks() -> Vec<Attack> {
    [numbers(), purposes(), signatures()].into_iter().flatten().collect()
}

fn numbers() -> Vec<Attack> {
    vec![
        refused("own-exp-text").own("an `exp` that is a number in a string").tokens(|stage| {
            ["\"9999999999\"", "\"0\"", "\"\"", "\"never\"", "\"1e10\""]
                .map(|text| {
                    Case::refused(text, with_claim_text(stage, "exp", text), TokenError::InvalidClaim("exp"))
                })
                .into()
        }),
        refused("own-negative-zero").own("negative zero").tokens(|stage| {
            let with = |name, text| with_claim_text(stage, name, text);
            vec![
                Case::refused("exp", with("exp", "-0"), TokenError::Expired),
                Case::refused("exp, a fraction", with("exp", "-0.0"), TokenError::Expired),
                Case::refused("a little less", with("exp", "-0.5"), TokenError::InvalidClaim("exp")),
                Case::accepted("nbf", with("nbf", "-0")),
            ]
        }),
        refused("own-fractions").own("fractions of a second: always towards the shorter life").tokens(
            |stage| {
                let last = stage.now() - 30;
                let with = |name, text: String| with_claim_text(stage, name, &text);
                vec![
                    Case::refused("exp", with("exp", format!("{last}.999999")), TokenError::Expired),
                    Case::refused(
                        "iat",
                        with("iat", format!("{}.0001", stage.now() + 30)),
                        TokenError::IssuedInFuture,
                    ),
                    Case::accepted("the last second there is", with("exp", "253402300799".to_owned())),
                    Case::accepted("and a fraction of it", with("exp", "253402300799.5".to_owned())),
                ]
            },
        ),
        refused("own-precision").own("numbers that lose digits when they are read").tokens(|stage| {
            let with = |text: &str| with_claim_text(stage, "exp", text);
            let digits = |text: String| Case::refused(text.clone(), with(&text), TokenError::Expired);
            vec![
                digits(format!("{}.{}", stage.now() - 31, "9".repeat(400))),
                digits("1e-400".to_owned()),
                digits(format!("0.{}1", "0".repeat(4_000))),
                Case::refused("many digits", with(&"9".repeat(400)), TokenError::Malformed),
                Case::refused(
                    "309 digits",
                    with(&format!("1{}", "0".repeat(300))),
                    TokenError::InvalidClaim("exp"),
                ),
            ]
        }),
    ]
}

fn purposes() -> Vec<Attack> {
    vec![
        refused("own-id-token").own("any one mark of an ID token; `auth_time` alone is none").tokens(|stage| {
            let marked = |name: &str, value: Value| stage.token().claim(name, value).sign();
            let marks = ["at_hash", "c_hash", "nonce"].into_iter().flat_map(|name| {
                [json!("x"), json!(null), json!(1)].map(|value| Case::refused(name, marked(name, value), TokenError::IdToken))
            });
            marks.chain([Case::accepted("auth_time", marked("auth_time", json!(stage.now())))]).collect()
        }),
        refused("own-webhook").own("the body of a webhook, which the same key signs").tokens(|stage| {
            let body = json!({ "type": "user.updated", "event_id": "event_1", "data": {}, "source": "admin", "timestamp": "2026" });
            let with_claims = stage.token().claim("event_id", "event_1").claim("data", json!({ "user": {} }));
            vec![
                Case::refused("as it is sent", with_payload(stage, body.to_string()), TokenError::Webhook),
                Case::refused("with the claims of a token", with_claims.sign(), TokenError::Webhook),
                Case::accepted("control: a claim named `data`", stage.token().claim("data", 1).sign()),
            ]
        }),
    ]
}

fn signatures() -> Vec<Attack> {
    vec![
        refused("own-transplant").own("the signature or the header of another good token").tokens(|stage| {
            let (one, other) =
                (TokenParts::of(&stage.token().sign()), TokenParts::of(&stage.token().header("x", 1).sign()));
            let signature = one.clone().edit_signature(|bytes| bytes.clone_from(&other.signature));
            let mut header = one;
            header.header = other.header;
            vec![
                Case::refused("signature", signature.to_string(), TokenError::InvalidSignature),
                Case::refused("header", header.to_string(), TokenError::InvalidSignature),
            ]
        }),
        accepted("own-twin")
            .own("the other of the two ECDSA signatures of a message, (r, n - s)")
            .choice(
                "valid: RFC 7518 §3.4 asks for no low s; nothing here takes a token's bytes for its identity",
            )
            .on(P256, |stage| {
                let good = TokenParts::of(&stage.token().sign());
                let n = BigUint::parse_bytes(P256_ORDER, 16).unwrap();
                let (r, s) = good.signature.split_at(32);
                let twin = [r, &fixed(&(n - BigUint::from_bytes_be(s)), 32)].concat();
                let twin = good.edit_signature(|bytes| *bytes = twin).to_string();
                vec![Case::accepted("twin", twin)]
            }),
    ]
}

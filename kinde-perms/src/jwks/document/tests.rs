use serde_json::{Value, json};

use super::*;

/// RFC 7515 §A.2.1 and RFC 7517 §A.1: two RSA moduli of 2048 bits.
const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const OTHER_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
/// RFC 7515 §A.3.1, a point on P-256, and RFC 7520 §3.1, one on P-521.
const P256: (&str, &str) =
    ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
const P521: (&str, &str) = (
    "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",
    "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1",
);
/// RFC 8037 §A.2.
const ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

const RS256: &[Algorithm] = &[Algorithm::Rs256];

fn rsa(kid: &str) -> Value {
    json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": N, "e": "AQAB"})
}

/// The same key with one member added, changed or, by `null`, removed.
fn rsa_with(member: &str, value: Value) -> Value {
    let mut jwk = rsa("odd");
    match value {
        Value::Null => drop(jwk.as_object_mut().unwrap().remove(member)),
        value => jwk[member] = value,
    }
    jwk
}

fn read_all(keys: &[Value], allowed: &[Algorithm]) -> Result<ParsedKeySet, DocumentError> {
    read(json!({ "keys": keys }).to_string().as_bytes(), allowed, &Keys::default())
}

/// Reads one member beside a good one, and returns why it was skipped.
fn reason(member: &Value, allowed: &[Algorithm]) -> Option<SkipReason> {
    let set = read_all(&[rsa("good"), member.clone()], &[RS256, allowed].concat()).unwrap();
    assert!(set.keys.get("good").is_some(), "the good key survives");
    set.skipped.first().map(|skipped| skipped.reason)
}

fn ec(crv: &str, point: (&str, &str)) -> Value {
    json!({"kty": "EC", "crv": crv, "kid": "ec", "x": point.0, "y": point.1})
}

#[test]
fn a_key_set_of_kinde_is_read() {
    let set = read_all(&[rsa("4c:fa:9e"), rsa_with("key_ops", json!(["verify"]))], RS256).unwrap();
    assert_eq!(set.keys.len(), 2);
    assert_eq!(set.keys.get("4c:fa:9e").unwrap().key().algorithm(), Algorithm::Rs256);
    assert!(set.skipped.is_empty());
}

#[test]
fn a_bad_member_is_skipped_with_its_reason_and_the_good_one_is_kept() {
    let cases = [
        (json!(1), SkipReason::Malformed),
        (json!(null), SkipReason::Malformed),
        (json!({}), SkipReason::UnknownType),
        (rsa_with("kid", json!(7)), SkipReason::Malformed),
        (rsa_with("kid", json!("")), SkipReason::NoKid),
        (rsa_with("kid", Value::Null), SkipReason::NoKid),
        (rsa_with("use", json!("enc")), SkipReason::OtherUse),
        (rsa_with("use", json!("tls")), SkipReason::OtherUse),
        (rsa_with("use", json!(["sig"])), SkipReason::Malformed),
        (rsa_with("key_ops", json!(["sign", "encrypt"])), SkipReason::OtherOperations),
        (rsa_with("key_ops", json!([])), SkipReason::OtherOperations),
        (rsa_with("key_ops", json!("verify")), SkipReason::Malformed),
        (rsa_with("alg", json!("RS512")), SkipReason::AlgorithmNotAllowed),
        (rsa_with("alg", json!("HS256")), SkipReason::AlgorithmNotAllowed),
        (rsa_with("alg", json!("none")), SkipReason::AlgorithmNotAllowed),
        (rsa_with("alg", json!("rs256")), SkipReason::AlgorithmNotAllowed),
        (rsa_with("alg", json!("RSA-OAEP")), SkipReason::AlgorithmNotAllowed),
        (rsa_with("alg", json!(["RS256"])), SkipReason::Malformed),
        (rsa_with("kty", json!("oct")), SkipReason::Symmetric),
        (rsa_with("kty", json!("FOO")), SkipReason::UnknownType),
        (rsa_with("kty", json!("rsa")), SkipReason::UnknownType),
        (rsa_with("kty", json!("EC")), SkipReason::UnknownType),
        (rsa_with("kty", Value::Null), SkipReason::UnknownType),
        (rsa_with("n", Value::Null), SkipReason::UnknownType),
        (rsa_with("n", json!("AQAB")), SkipReason::Material(KeyRefused::ModulusTooShort)),
        (rsa_with("n", json!(format!("{N}="))), SkipReason::NotBase64Url),
        (rsa_with("n", json!(N.replace('_', "/"))), SkipReason::NotBase64Url),
        (rsa_with("e", json!("AQ")), SkipReason::Material(KeyRefused::Exponent)),
        (rsa_with("e", json!("AR")), SkipReason::NotBase64Url),
        (rsa_with("d", json!("AQAB")), SkipReason::Private),
        (rsa_with("p", json!("")), SkipReason::Private),
    ];
    for (member, expected) in cases {
        assert_eq!(reason(&member, &[]), Some(expected), "{member}");
    }
}

#[test]
fn a_duplicate_member_makes_only_its_own_key_unusable() {
    let twice = rsa("odd").to_string().replacen('{', r#"{"kty":"oct","#, 1);
    let body = format!(r#"{{"keys":[{},{twice}]}}"#, rsa("good"));
    let set = read(body.as_bytes(), RS256, &Keys::default()).unwrap();
    assert_eq!(set.keys.len(), 1);
    assert_eq!(set.skipped, [Skipped { kid: None, reason: SkipReason::Malformed }]);
}

#[test]
fn a_key_without_alg_is_bound_to_the_one_allowed_algorithm_of_its_family() {
    let bare = rsa_with("alg", Value::Null);
    let bound = |allowed| {
        let set = read_all(std::slice::from_ref(&bare), allowed).ok()?;
        set.keys.get("odd").map(|entry| entry.key().algorithm())
    };
    assert_eq!(bound(&[Algorithm::Rs256]), Some(Algorithm::Rs256));
    assert_eq!(bound(&[Algorithm::Ps384, Algorithm::Es256]), Some(Algorithm::Ps384));
    assert_eq!(
        bound(&[Algorithm::Rs256, Algorithm::Rs256]),
        Some(Algorithm::Rs256),
        "named twice is still one"
    );
    assert_eq!(reason(&bare, &[Algorithm::Ps256]), Some(SkipReason::AlgorithmAmbiguous));
    let ed = json!({"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": ED25519});
    assert_eq!(reason(&ed, &[Algorithm::EdDsa]), None);
    assert_eq!(reason(&ed, &[]), Some(SkipReason::AlgorithmNotAllowed));
}

#[test]
fn a_curve_determines_the_algorithm_and_must_fit_alg() {
    let allowed = &[Algorithm::Es256, Algorithm::Es384, Algorithm::Es512];
    let bound = |jwk: Value| read_all(&[jwk], allowed).unwrap().keys.get("ec").unwrap().key().algorithm();
    assert_eq!(bound(ec("P-256", P256)), Algorithm::Es256);
    assert_eq!(bound(ec("P-521", P521)), Algorithm::Es512);
    let mut named = ec("P-521", P521);
    named["alg"] = json!("ES512");
    assert_eq!(bound(named), Algorithm::Es512);

    let with_alg = |mut jwk: Value, alg: &str| {
        jwk["alg"] = json!(alg);
        reason(&jwk, allowed)
    };
    assert_eq!(with_alg(ec("P-256", P256), "ES384"), Some(SkipReason::AlgorithmMismatch));
    assert_eq!(with_alg(ec("P-256", P256), "RS256"), Some(SkipReason::AlgorithmMismatch));
    assert_eq!(with_alg(rsa("odd"), "ES256"), Some(SkipReason::AlgorithmMismatch));
    assert_eq!(reason(&ec("secp256k1", P256), allowed), Some(SkipReason::UnknownType));
    assert_eq!(reason(&ec("Ed25519", P256), allowed), Some(SkipReason::UnknownType));
    let off_curve = SkipReason::Material(KeyRefused::NotOnCurve);
    assert_eq!(reason(&ec("P-256", (P256.0, P256.0)), allowed), Some(off_curve));
    let length = SkipReason::Material(KeyRefused::CoordinateLength);
    assert_eq!(reason(&ec("P-384", P256), allowed), Some(length));
}

#[test]
fn an_id_of_two_different_keys_is_unusable_and_an_id_of_two_equal_keys_is_usable() {
    let other = |kid: &str| {
        let mut jwk = rsa(kid);
        jwk["n"] = json!(OTHER_N);
        jwk
    };
    let set = read_all(&[rsa("same"), rsa("same"), rsa("two"), other("two"), rsa("two")], RS256).unwrap();
    assert_eq!(set.keys.len(), 1);
    assert!(set.keys.get("same").is_some());
    assert_eq!(set.skipped, [Skipped { kid: Some("two".into()), reason: SkipReason::KidConflict }]);

    let set = read_all(&[rsa("one"), rsa_with("use", json!("enc"))], RS256).unwrap();
    assert_eq!(set.keys.len(), 1, "a key that is not for signatures does not compete for the id");
}

#[test]
fn a_document_that_is_not_a_key_set_is_refused() {
    let error = |body: &[u8]| read(body, RS256, &Keys::default()).unwrap_err();
    let good = rsa("a").to_string();
    for body in [
        "",
        "null",
        "<html><body>maintenance</body></html>",
        "{}",
        "[]",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        &format!("[[{good}]]"),
        &format!(r#"{{"keys":[{good}]"#),
        &format!(r#"{{"keys":[{good}]}} {{}}"#),
        &format!(r#"{{"keys":[{good}],"keys":[{good}]}}"#),
        &format!("\u{feff}{{\"keys\":[{good}]}}"),
    ] {
        assert_eq!(error(body.as_bytes()), DocumentError::NotAKeySet, "{body}");
    }
    let not_utf8 = [br#"{"x":""#, &[0xff][..], br#"","keys":["#, good.as_bytes(), b"]}"].concat();
    assert_eq!(error(&not_utf8), DocumentError::NotAKeySet);
}

#[test]
fn a_set_without_usable_keys_is_an_error_with_the_skipped_members() {
    assert_eq!(read_all(&[], RS256).unwrap_err(), DocumentError::NoUsableKey(vec![]));
    let error = read_all(&[rsa_with("use", json!("enc"))], RS256).unwrap_err();
    let skipped = Skipped { kid: Some("odd".into()), reason: SkipReason::OtherUse };
    assert_eq!(error, DocumentError::NoUsableKey(vec![skipped]));
}

#[test]
fn size_number_and_depth_of_members_are_bounded() {
    let many: Vec<Value> = (0..101).map(|n| rsa(&n.to_string())).collect();
    assert_eq!(read_all(&many[..100], RS256).unwrap().keys.len(), 100);
    assert_eq!(read_all(&many, RS256).unwrap_err(), DocumentError::TooManyKeys);
    let body = format!(r#"{{"keys":[{}]}}"#, rsa("a"));
    let padded = |len: usize| format!("{body}{}", " ".repeat(len - body.len()));
    assert!(read(padded(MAX_BYTES).as_bytes(), RS256, &Keys::default()).is_ok());
    assert_eq!(
        read(padded(MAX_BYTES + 1).as_bytes(), RS256, &Keys::default()).unwrap_err(),
        DocumentError::TooLarge
    );
    let deep = format!(r#"{{"keys":[{},{}1{}]}}"#, rsa("a"), "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(deep.as_bytes(), RS256, &Keys::default()).unwrap().keys.len(), 1);
}

#[test]
fn a_key_that_is_in_both_sets_keeps_its_generation() {
    let first = read_all(&[rsa("a")], RS256).unwrap().keys;
    let body = json!({"keys": [rsa("b"), rsa("a")]}).to_string();
    let second = read(body.as_bytes(), RS256, &first).unwrap().keys;
    assert_eq!(first.get("a").unwrap().generation(), second.get("a").unwrap().generation());
}

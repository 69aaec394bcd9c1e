use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOW: Duration = Duration::from_secs(1_700_000_000);
const ISSUER: &str = "https://acme.kinde.com";

static SIGNER: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

/// The DER form of a 2048-bit public key ends in 256 bytes of modulus and five of exponent (RFC 8017 §A.1.1).
static KEY: LazyLock<Arc<Key>> = LazyLock::new(|| {
    let (rest, _) = SIGNER.public_key().as_ref().split_last_chunk::<5>().unwrap();
    let n = rest.last_chunk::<256>().unwrap();
    Arc::new(Key::rsa(Algorithm::Rs256, n, &[1, 0, 1]).unwrap())
});

fn rules() -> Rules {
    Rules {
        audiences: vec!["api".into()],
        algorithms: vec![Algorithm::Rs256],
        leeway: Duration::from_secs(30),
        max_lifetime: None,
        clients: None,
    }
}

fn payload() -> Value {
    let now = NOW.as_secs();
    json!({"iss": ISSUER, "aud": ["api"], "exp": now.saturating_add(60), "iat": now, "nbf": now, "sub": "kp_1", "azp": "client"})
}

fn with(mut value: Value, name: &str, member: Value) -> Value {
    value.as_object_mut().unwrap().insert(name.into(), member);
    value
}

fn without(mut value: Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name);
    value
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k1", "typ": "JWT"})
}

fn sign_raw(header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let mut signature = vec![0; SIGNER.public_modulus_len()];
    SIGNER.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn sign(header: &Value, payload: &Value) -> String {
    sign_raw(header.to_string().as_bytes(), payload.to_string().as_bytes())
}

/// Parses, verifies and accepts a token in the validator's order.
fn accept_with(rules: &Rules, token: &str) -> Result<crate::Claims, TokenError> {
    let unverified = Unverified::parse(token, &rules.algorithms)?;
    if unverified.kid() != "k1" {
        return Err(TokenError::UnknownKey);
    }
    let signed = unverified.verify(&KEY).map_err(|(error, _)| error)?;
    rules.accept(signed, ISSUER, NOW)
}

fn accept(token: &str) -> Result<crate::Claims, TokenError> {
    accept_with(&rules(), token)
}

fn payload_error(payload: &Value) -> TokenError {
    accept(&sign(&header(), payload)).unwrap_err()
}

fn header_error(header: &Value) -> TokenError {
    accept(&sign(header, &payload())).unwrap_err()
}

#[test]
fn an_access_token_of_kinde_is_accepted() {
    let claims = accept(&sign(&header(), &payload())).unwrap();
    assert_eq!(claims.subject(), Some("kp_1"));
}

#[test]
fn typ_is_jwt_or_at_jwt_in_any_case_or_absent() {
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/JWT"] {
        assert!(accept(&sign(&with(header(), "typ", typ.into()), &payload())).is_ok(), "{typ}");
    }
    assert!(accept(&sign(&without(header(), "typ"), &payload())).is_ok());
    for typ in [
        json!("dpop+jwt"),
        json!("logout+jwt"),
        json!("id+jwt"),
        json!(""),
        json!("JOSE"),
        json!(1),
        json!(null),
    ] {
        assert_eq!(header_error(&with(header(), "typ", typ)), TokenError::UnsupportedHeader("typ"));
    }
}

#[test]
fn header_members_that_change_the_meaning_are_refused() {
    for crit in [json!(["exp2"]), json!([]), json!("exp"), json!(null), json!(["b64", "b64"])] {
        assert_eq!(header_error(&with(header(), "crit", crit)), TokenError::UnsupportedHeader("crit"));
    }
    for b64 in [json!(false), json!(null), json!("true")] {
        assert_eq!(header_error(&with(header(), "b64", b64)), TokenError::UnsupportedHeader("b64"));
    }
    assert_eq!(header_error(&with(header(), "cty", "JWT".into())), TokenError::UnsupportedHeader("cty"));
    assert_eq!(header_error(&with(header(), "zip", "DEF".into())), TokenError::UnsupportedHeader("zip"));
    assert!(accept(&sign(&with(header(), "jku", "https://evil.example/keys".into()), &payload())).is_ok());
}

#[test]
fn unused_registered_header_members_of_a_wrong_type_are_refused() {
    for name in ["jku", "x5u", "x5t", "x5t#S256", "x5c", "jwk"] {
        for value in [json!(1), json!(null), json!(false), json!([1])] {
            assert_eq!(header_error(&with(header(), name, value)), TokenError::Malformed, "{name}");
        }
    }
    let texts = ["jku", "x5u", "x5t", "x5t#S256"].map(|name| (name, json!("text")));
    for (name, value) in texts.into_iter().chain([("x5c", json!(["MII="])), ("jwk", json!({"kty": "RSA"}))]) {
        assert!(accept(&sign(&with(header(), name, value), &payload())).is_ok(), "{name}");
    }
    assert!(accept(&sign(&with(header(), "own", json!([1])), &payload())).is_ok(), "nobody's name");
}

#[test]
fn only_allowed_algorithms_pass_and_alg_must_be_that_of_the_key() {
    for alg in ["none", "None", "HS256", "rs256", "RS256 ", "RS257", "RSA-OAEP", "PS256", "ES256"] {
        assert_eq!(
            header_error(&with(header(), "alg", alg.into())),
            TokenError::AlgorithmNotAllowed,
            "{alg}"
        );
    }
    for alg in [json!(null), json!(256), json!({}), json!(["RS256"])] {
        assert_eq!(header_error(&with(header(), "alg", alg)), TokenError::Malformed);
    }
    let both = Rules { algorithms: vec![Algorithm::Rs256, Algorithm::Rs512], ..rules() };
    let swapped = sign(&with(header(), "alg", "RS512".into()), &payload());
    assert_eq!(accept_with(&both, &swapped).unwrap_err(), TokenError::AlgorithmMismatch);
}

#[test]
fn a_key_id_is_required_and_bounded() {
    assert_eq!(header_error(&without(header(), "kid")), TokenError::MissingKeyId);
    for kid in [json!(""), json!(1), json!(null), json!("k".repeat(257))] {
        assert_eq!(header_error(&with(header(), "kid", kid)), TokenError::MissingKeyId);
    }
    assert_eq!(header_error(&with(header(), "kid", "../../dev/null".into())), TokenError::UnknownKey);
}

#[test]
fn a_token_is_three_canonical_parts() {
    let good = sign(&header(), &payload());
    let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    let bad = [
        String::new(),
        ".".into(),
        "..".into(),
        ".".repeat(10_000),
        format!("{head}.{body}"),
        format!("{head}.{body}."),
        format!("{head}..{signature}"),
        format!(".{body}.{signature}"),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!("{head}=.{body}.{signature}"),
        format!("{head}.{body}.{signature}=="),
        format!("{head}.{body}.{signature}\n"),
        format!(" {good}"),
        format!("{head}. {body}.{signature}"),
        format!("{head}.{body}.abcde"),
        good.replace('.', "\u{ff0e}"),
    ];
    for token in bad {
        assert_eq!(accept(&token).unwrap_err(), TokenError::Malformed, "{token}");
    }
    assert_eq!(accept(&"a".repeat(16 * 1024 + 1)).unwrap_err(), TokenError::TooLarge);
}

#[test]
fn a_header_has_a_limit_of_its_own() {
    let bare = with(header(), "x", "".into()).to_string().len();
    let padded = |bytes: usize| with(header(), "x", "y".repeat(bytes - bare).into());
    // Three bytes are four characters.
    assert!(accept(&sign(&padded(2048 / 4 * 3), &payload())).is_ok());
    assert_eq!(header_error(&padded(2048 / 4 * 3 + 1)), TokenError::TooLarge);
}

#[test]
fn only_the_standard_alphabet_with_zero_trailing_bits_decodes() {
    let good = sign(&header(), &payload());
    // 256 bytes leave two characters of which the last carries four unused bits.
    let last = good.chars().last().unwrap();
    for other in ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).filter(|&c| c != last) {
        let twin = format!("{}{other}", &good[..good.len() - 1]);
        assert!(
            matches!(accept(&twin).unwrap_err(), TokenError::Malformed | TokenError::InvalidSignature),
            "{other}"
        );
    }
    for (from, to) in [('-', "+"), ('_', "/")] {
        if good.contains(from) {
            assert_eq!(accept(&good.replace(from, to)).unwrap_err(), TokenError::Malformed);
        }
    }
}

#[test]
fn header_and_payload_are_strict_json_objects() {
    let body = payload().to_string();
    for head in ["[]", "\"x\"", "", "{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"k1\"}", "\u{feff}{}"] {
        assert_eq!(accept(&sign_raw(head.as_bytes(), body.as_bytes())).unwrap_err(), TokenError::Malformed);
    }
    let head = header().to_string();
    let doubled = format!("{},\"sub\":\"kp_2\"}}", &body[..body.len() - 1]);
    let deep = format!("{},\"x\":{}{}}}", &body[..body.len() - 1], "[".repeat(2_000), "]".repeat(2_000));
    let utf16: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in
        [b"".as_slice(), b"null", b"[]", b"1", doubled.as_bytes(), deep.as_bytes(), &utf16, b"{\"a\":\xff}"]
    {
        assert_eq!(accept(&sign_raw(head.as_bytes(), bytes)).unwrap_err(), TokenError::Malformed);
    }
}

#[test]
fn times_are_validated_with_leeway_to_the_exact_second() {
    let now = NOW.as_secs();
    let at = |name: &str, second: u64| accept(&sign(&header(), &with(payload(), name, second.into())));
    assert!(at("exp", now - 29).is_ok());
    assert_eq!(at("exp", now - 30).unwrap_err(), TokenError::Expired);
    assert!(at("nbf", now + 30).is_ok());
    assert_eq!(at("nbf", now + 31).unwrap_err(), TokenError::NotYetValid);
    assert!(at("iat", now + 30).is_ok());
    assert_eq!(at("iat", now + 31).unwrap_err(), TokenError::IssuedInFuture);
    assert_eq!(at("exp", now * 1000).unwrap_err(), TokenError::InvalidClaim("exp"), "milliseconds");
    for optional in ["nbf", "iat"] {
        assert!(accept(&sign(&header(), &without(payload(), optional))).is_ok());
    }
}

#[test]
fn lifetime_and_client_are_validated_if_configured() {
    let short = Rules { max_lifetime: Some(Duration::from_secs(60)), ..rules() };
    assert!(accept_with(&short, &sign(&header(), &payload())).is_ok());
    let long = with(payload(), "exp", (NOW.as_secs() + 61).into());
    assert_eq!(accept_with(&short, &sign(&header(), &long)).unwrap_err(), TokenError::LifetimeTooLong);
    let undated = without(payload(), "iat");
    assert_eq!(accept_with(&short, &sign(&header(), &undated)).unwrap_err(), TokenError::MissingClaim("iat"));
    let ours = Rules { clients: Some(vec!["client".into()]), ..rules() };
    assert!(accept_with(&ours, &sign(&header(), &payload())).is_ok());
    for payload in [without(payload(), "azp"), with(payload(), "azp", "other".into())] {
        assert_eq!(accept_with(&ours, &sign(&header(), &payload)).unwrap_err(), TokenError::ClientNotAllowed);
    }
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for other in [
        "https://acme.kinde.com/",
        "https://ACME.kinde.com",
        "http://acme.kinde.com",
        "https://b.kinde.com",
        "",
    ] {
        assert_eq!(payload_error(&with(payload(), "iss", other.into())), TokenError::WrongIssuer, "{other}");
    }
    assert_eq!(payload_error(&with(payload(), "iss", json!([ISSUER]))), TokenError::InvalidClaim("iss"));
}

#[test]
fn the_audience_is_validated_last() {
    for audience in
        [json!([]), json!(""), json!([""]), json!(null), json!(["api", 1]), json!("other"), json!(["api2"])]
    {
        assert_eq!(payload_error(&with(payload(), "aud", audience)), TokenError::WrongAudience);
    }
    assert_eq!(payload_error(&without(payload(), "aud")), TokenError::WrongAudience);
    let expired = with(without(payload(), "aud"), "exp", 1.into());
    assert_eq!(payload_error(&expired), TokenError::Expired);
    let foreign = with(without(payload(), "aud"), "iss", "https://b.kinde.com".into());
    assert_eq!(payload_error(&foreign), TokenError::WrongIssuer);
}

proptest! {
    #[test]
    fn no_input_panics(token in "\\PC*") {
        prop_assert!(accept(&token).is_err());
    }

    #[test]
    fn no_three_parts_panic(head in ".{0,40}", body in ".{0,40}") {
        prop_assert!(accept(&sign_raw(head.as_bytes(), body.as_bytes())).is_err());
    }

    #[test]
    fn a_token_with_one_bit_flipped_is_refused(at in any::<prop::sample::Index>(), bit in 0..7_u8) {
        let mut bytes = sign(&header(), &payload()).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // Seven bits keep the text ASCII.
        prop_assert!(accept(std::str::from_utf8(&bytes).unwrap()).is_err());
    }
}

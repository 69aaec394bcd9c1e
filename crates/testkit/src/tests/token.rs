use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::super::{Hmac, ManualClock, Persona, TokenBuilder};
use super::*;

const NOW: u64 = 1_767_225_600;

fn token() -> TokenBuilder {
    let clock = ManualClock::at(Duration::from_secs(NOW));
    TokenBuilder::new("https://acme.kinde.com", "https://api.example.test").clock(clock)
}

fn payload(token: &TokenBuilder) -> Value {
    TokenParts::of(&token.sign()).payload_json()
}

fn header(token: &str) -> Value {
    TokenParts::of(token).header_json()
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_users_token_has_the_claims_of_kinde_and_no_rights() {
    let claims = payload(&token());
    assert_eq!(names(&claims), ["aud", "azp", "exp", "iat", "iss", "jti", "org_code", "scp", "sub"]);
    assert_eq!(claims["aud"], json!(["https://api.example.test"]));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW), &json!(NOW + 86_400)));
    assert_eq!(claims["scp"], json!(["openid", "profile", "email", "offline"]));
    assert!(claims["sub"].as_str().unwrap().starts_with("kp_"));
}

#[test]
fn the_header_has_the_members_of_kinde_and_the_signature_is_good() {
    let token = token().sign();
    let key = SigningKey::shared();
    assert_eq!(header(&token), json!({ "alg": "RS256", "kid": key.kid(), "typ": "JWT" }));
    assert!(is_signed(&token, &key, Algorithm::Rs256));
}

#[test]
fn rights_are_added_in_the_shapes_of_kinde() {
    let claims =
        payload(&token().permission("a").permissions(["b", "c"]).role("admin").feature_flag("beta", true));
    assert_eq!(claims["permissions"], json!(["a", "b", "c"]));
    assert_eq!(names(&claims["roles"][0]), ["id", "key", "name"]);
    assert_eq!((&claims["roles"][0]["key"], &claims["roles"][0]["name"]), (&json!("admin"), &json!("admin")));
    assert_eq!(claims["feature_flags"], json!({ "beta": { "t": "b", "v": true } }));
}

#[test]
fn flags_carry_the_letter_of_their_type() {
    let claims = payload(&token().feature_flag("max", 5).feature_flag("theme", "pink"));
    assert_eq!(
        claims["feature_flags"],
        json!({ "max": { "t": "i", "v": 5 }, "theme": { "t": "s", "v": "pink" } })
    );
}

#[test]
fn roles_can_be_plain_strings() {
    assert_eq!(payload(&token().role_strings(["a", "b"]))["roles"], json!(["a", "b"]));
}

#[test]
fn a_role_has_the_same_id_in_every_token() {
    let id = |key| payload(&token().role(key))["roles"][0]["id"].clone();
    assert_eq!(id("admin"), id("admin"));
    assert_ne!(id("admin"), id("editor"));
    assert_eq!(id("admin").as_str().map(str::len), Some(36));
}

#[test]
fn the_last_call_for_a_claim_wins() {
    let claims =
        payload(&token().permission("a").claim("permissions", "a string").permission("b").without("jti"));
    assert_eq!((&claims["permissions"], claims.get("jti")), (&json!(["b"]), None));
    assert_eq!(payload(&token().expired().claim("exp", 5))["exp"], 5);
}

#[test]
fn a_machines_token_has_nothing_of_a_user() {
    let claims = payload(&token().permission("a").role("b").machine().scopes(["read:users", "write:flags"]));
    assert_eq!(names(&claims), ["aud", "azp", "exp", "gty", "iat", "iss", "jti", "scope", "scp", "v"]);
    assert_eq!((&claims["gty"], &claims["v"]), (&json!(["client_credentials"]), &json!("2")));
    assert_eq!(claims["scp"], json!(["read:users", "write:flags"]));
    assert_eq!((&claims["scope"], &claims["exp"]), (&json!("read:users write:flags"), &json!(NOW + 3600)));
}

#[test]
fn personas_hold_the_bundles_of_their_roles() {
    let keys = |persona: Persona| {
        let claims = payload(&token().permission("forgotten").persona(persona));
        let roles: Vec<_> =
            claims["roles"].as_array().unwrap().iter().map(|role| role["key"].clone()).collect();
        (json!(roles), claims["permissions"].clone())
    };
    let editor = json!(["read:todos", "create:todos", "update:todos"]);
    let admin = json!(["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users"]);
    assert_eq!(keys(Persona::Viewer), (json!(["viewer"]), json!(["read:todos", "read:reports"])));
    assert_eq!(keys(Persona::Editor), (json!(["editor"]), editor));
    assert_eq!(keys(Persona::Admin), (json!(["editor", "admin"]), admin));
}

#[test]
fn times_follow_the_clock_at_the_moment_of_signing() {
    let clock = ManualClock::at(Duration::from_secs(NOW));
    let minute = Duration::from_secs(60);
    let token = token().clock(clock.clone()).expires_in(minute).not_before_in(minute).issued_in(minute);
    clock.advance(minute);
    let claims = payload(&token);
    assert_eq!(["exp", "nbf", "iat"].map(|name| claims[name].as_u64()), [Some(NOW + 120); 3]);
    let claims = payload(&token.expired());
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW + 60 - 7200), &json!(NOW + 60 - 3600)));
}

#[test]
fn no_two_tokens_have_the_same_id() {
    let token = token();
    assert_ne!(payload(&token)["jti"], payload(&token)["jti"]);
}

#[test]
fn headers_can_say_anything_over_a_good_signature() {
    let token =
        token().header("alg", json!(["RS256"])).header("crit", json!(["exp2"])).without_header("kid").sign();
    assert_eq!(header(&token), json!({ "alg": ["RS256"], "crit": ["exp2"], "typ": "JWT" }));
    assert!(is_signed(&token, &SigningKey::shared(), Algorithm::Rs256));
}

#[test]
fn raw_bytes_are_signed_properly() {
    let raw_payload = token().with_raw_payload(*br#"{"exp":1,"exp":2}"#).sign();
    let raw_header = token().with_raw_header(*br#"{"alg":"none","alg":"RS256"}"#).sign();
    assert_eq!(TokenParts::of(&raw_payload).payload, br#"{"exp":1,"exp":2}"#);
    assert_eq!(TokenParts::of(&raw_header).header, br#"{"alg":"none","alg":"RS256"}"#);
    for token in [raw_payload, raw_header] {
        assert!(is_signed(&token, &SigningKey::shared(), Algorithm::Rs256));
    }
}

#[test]
fn the_text_of_the_payload_can_be_edited() {
    let token =
        token().claim("exp", 1).with_payload_text(|text| text.replace(r#""exp":1"#, r#""exp":NaN,"exp":1"#));
    let payload = TokenParts::of(&token.sign()).payload;
    assert!(String::from_utf8(payload).unwrap().contains(r#""exp":NaN,"exp":1,"iat":"#));
}

#[test]
fn a_payload_can_stay_unencoded() {
    let token = token().with_raw_payload(*b"$02").with_payload_unencoded().header("b64", false).sign();
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!((parts.len(), parts[1]), (3, "$02"));
}

#[test]
fn another_key_is_named_unless_the_test_names_one() {
    let other = SigningKey::generate(Algorithm::Es256);
    let named = token().sign_with(&other);
    assert_eq!(header(&named), json!({ "alg": "ES256", "kid": other.kid(), "typ": "JWT" }));
    assert!(is_signed(&named, &other, Algorithm::Es256));
    let hidden = token().kid("published").sign_with(&other);
    assert_eq!(header(&hidden)["kid"], "published");
}

#[test]
fn an_rsa_key_signs_for_the_whole_family() {
    let token = token().algorithm(Algorithm::Ps512).sign();
    assert_eq!(header(&token)["alg"], "PS512");
    assert!(is_signed(&token, &SigningKey::shared(), Algorithm::Ps512));
}

#[test]
fn tokens_can_have_a_shared_secret_or_no_signature() {
    let unsigned = token().unsigned();
    assert_eq!(header(&unsigned)["alg"], "none");
    assert!(unsigned.ends_with('.'));
    let names = [(Hmac::Sha256, "HS256"), (Hmac::Sha384, "HS384"), (Hmac::Sha512, "HS512")];
    for (hash, name) in names {
        assert_eq!(header(&token().hmac_with(hash, b"secret"))["alg"], name);
    }
    for secret in [&b"secret"[..], b""] {
        let forged = token().hmac_with(Hmac::Sha256, secret);
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let (input, _) = forged.rsplit_once('.').unwrap();
        assert!(hmac::verify(&key, input.as_bytes(), &TokenParts::of(&forged).signature).is_ok());
    }
}

#[test]
fn any_signature_can_be_made_up() {
    let token = token().sign_by("ES256", |input| {
        assert!(!input.is_empty());
        vec![0; 64]
    });
    assert_eq!((TokenParts::of(&token).signature, &header(&token)["alg"]), (vec![0; 64], &json!("ES256")));
}

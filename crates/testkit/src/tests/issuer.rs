use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Endpoint, Issuer, ManualClock};
use super::*;

const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/.well-known/jwks";

fn kids(jwks: &Value) -> Vec<&str> {
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect()
}

async fn published(issuer: &Issuer) -> Value {
    fetch(issuer, KEYS).await.unwrap().json()
}

#[tokio::test]
async fn discovery_names_every_endpoint_of_kinde() {
    let issuer = Issuer::start().await.unwrap();
    let answer = fetch(&issuer, DISCOVERY).await.unwrap();
    assert!(answer.head.contains("content-type: application/json"), "{}", answer.head);
    let (document, url) = (answer.json(), issuer.url());
    assert_eq!(document["issuer"], url);
    let paths = [
        ("authorization_endpoint", "/oauth2/auth"),
        ("token_endpoint", "/oauth2/token"),
        ("jwks_uri", "/.well-known/jwks"),
        ("userinfo_endpoint", "/oauth2/v2/user_profile"),
        ("end_session_endpoint", "/logout"),
        ("revocation_endpoint", "/oauth2/revoke"),
        ("introspection_endpoint", "/oauth2/introspect"),
    ];
    for (name, path) in paths {
        assert_eq!(document[name], format!("{url}{path}"), "{name}");
    }
    assert_eq!(document["response_types_supported"], json!(["code"]));
    assert_eq!(document["subject_types_supported"], json!(["public"]));
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256"]));
}

#[tokio::test]
async fn the_key_set_is_served_at_both_paths() {
    let issuer = Issuer::start().await.unwrap();
    for path in [KEYS, "/.well-known/jwks.json"] {
        let document = fetch(&issuer, path).await.unwrap().json();
        assert_eq!(document, json!({ "keys": [issuer.signing_key().public_jwk()] }), "{path}");
        assert_eq!(document.to_string(), issuer.jwks_json());
    }
}

#[tokio::test]
async fn requests_are_counted_by_endpoint() {
    let issuer = Issuer::start().await.unwrap();
    assert_eq!(fetch(&issuer, "/elsewhere").await.unwrap().status(), "404");
    fetch(&issuer, DISCOVERY).await.unwrap();
    let ((), _, _) = tokio::join!(
        issuer.wait_for_requests(Endpoint::Keys, 2),
        fetch(&issuer, KEYS),
        fetch(&issuer, "/.well-known/jwks.json"),
    );
    let counts =
        [Endpoint::Discovery, Endpoint::Keys, Endpoint::Elsewhere].map(|endpoint| issuer.requests(endpoint));
    assert_eq!(counts, [1, 2, 1]);
}

#[tokio::test]
async fn tokens_are_from_the_issuer_for_its_audience_at_its_time() {
    let clock = ManualClock::at(Duration::from_secs(1000));
    let issuer = Issuer::builder().audience("https://other.test").clock(clock).start().await.unwrap();
    let token = issuer.token().sign();
    let claims = TokenParts::of(&token).payload_json();
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(issuer.url()), &json!([issuer.audience()])));
    assert_eq!(claims["iat"], 1000);
    assert!(is_signed(&token, &issuer.signing_key(), Algorithm::Rs256));
}

#[tokio::test]
async fn rotation_keeps_the_old_key_until_it_is_withdrawn() {
    let issuer = Issuer::start().await.unwrap();
    let old = issuer.signing_key();
    let begun_before = issuer.token();
    let new = issuer.rotate();
    assert!(is_signed(&begun_before.sign(), &old, Algorithm::Rs256));
    assert!(is_signed(&issuer.token().sign(), &new, Algorithm::Rs256));
    assert_eq!(kids(&published(&issuer).await), [old.kid(), new.kid()]);
    issuer.withdraw(old.kid());
    assert_eq!(kids(&published(&issuer).await), [new.kid()]);
}

#[tokio::test]
async fn a_replaced_key_has_the_kid_of_the_old_one() {
    let issuer = Issuer::start().await.unwrap();
    let old = issuer.signing_key();
    let new = issuer.replace_key_keeping_kid();
    assert_eq!(old.kid(), new.kid());
    assert_eq!(published(&issuer).await, json!({ "keys": [new.public_jwk()] }));
    assert_ne!(old.public_jwk()["n"], new.public_jwk()["n"]);
    assert!(!is_signed(&issuer.token().sign(), &old, Algorithm::Rs256));
}

#[tokio::test]
async fn extra_keys_are_published_beside_the_real_ones() {
    let key = SigningKey::generate(Algorithm::Es256);
    let issuer = Issuer::builder().signing_key(&key).start().await.unwrap();
    issuer.extra_jwk(r#"{"kty":"FOO","kid":"x"}"#);
    assert_eq!(kids(&published(&issuer).await), [key.kid(), "x"]);
}

#[tokio::test]
async fn discovery_and_cache_control_can_be_changed() {
    let issuer = Issuer::start().await.unwrap();
    issuer.set_discovery_issuer("https://evil.test");
    issuer.set_jwks_uri("http://evil.test/keys");
    issuer.set_cache_control("max-age=60");
    let answer = fetch(&issuer, DISCOVERY).await.unwrap();
    let document = answer.json();
    assert_eq!(
        (&document["issuer"], &document["jwks_uri"]),
        (&json!("https://evil.test"), &json!("http://evil.test/keys"))
    );
    assert!(answer.head.contains("cache-control: max-age=60"), "{}", answer.head);
}

#[tokio::test]
async fn only_this_machine_can_reach_an_issuer() {
    let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    assert_eq!(Issuer::start_on(anywhere).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(Issuer::start_on(SocketAddr::from(([127, 0, 0, 1], 0))).await.is_ok());
}

#[tokio::test]
async fn the_port_is_free_again_once_the_issuer_is_dropped() {
    let issuer = Issuer::start().await.unwrap();
    let address: SocketAddr = issuer.url().trim_start_matches("http://").parse().unwrap();
    assert!(TcpListener::bind(address).is_err());
    drop(issuer);
    while TcpListener::bind(address).is_err() {
        tokio::task::yield_now().await;
    }
}

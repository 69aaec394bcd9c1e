//! Wrong answers from the key endpoint after warm-up: each gives its own `KeyError`, and requests with known keys are
//! still served.

use kinde_perms::KeyError;
use kinde_perms_testkit::{Endpoint, Fault, Issuer, SigningKey};
use serde_json::{Value, json};

use super::{Bench, naming, secs, status, until, within};

fn set(keys: &[Value]) -> Fault {
    Fault::Body(json!({ "keys": keys }).to_string().into_bytes())
}

/// An RSA key with a modulus of 1024 bits: 128 bytes in base64url, the first byte not zero.
fn short_rsa() -> Value {
    json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "short", "e": "AQAB", "n": format!("wD{}", "k".repeat(169))})
}

fn faults() -> Vec<(Fault, KeyError)> {
    let connection = || KeyError::Connection(String::new());
    let many = format!("{{\"keys\":[{}]}}", vec!["{}"; 100_000].join(","));
    vec![
        (Fault::Status(500), KeyError::Status(500)),
        (Fault::Status(404), KeyError::Status(404)),
        (Fault::Status(204), KeyError::Status(204)),
        (Fault::Drop, connection()),
        (Fault::CutOff, connection()),
        (Fault::Truncated, KeyError::NotAKeySet),
        (Fault::Html, KeyError::NotAKeySet),
        (Fault::Body(b"".to_vec()), KeyError::NotAKeySet),
        (Fault::Body(b"\xff\xfe{\"keys\":[]}".to_vec()), KeyError::NotAKeySet),
        (Fault::Huge(10 * 1024 * 1024), KeyError::TooLarge),
        (Fault::Endless, KeyError::TooLarge),
        (Fault::Body(many.into_bytes()), KeyError::TooManyKeys),
        (Fault::ManyKeys(100), KeyError::TooManyKeys),
        (Fault::EmptySet, KeyError::NoUsableKey),
        (set(&[json!({"kty": "oct", "kid": "o", "alg": "HS256", "k": "c2VjcmV0"})]), KeyError::NoUsableKey),
        (set(&[short_rsa()]), KeyError::NoUsableKey),
        (Fault::Redirect("/elsewhere".into()), KeyError::Redirected),
    ]
}

/// Returns `true` if both errors are equal, apart from the operating system's text of a connection error.
fn same_error(error: &KeyError, expected: &KeyError) -> bool {
    match (error, expected) {
        (KeyError::Connection(_), KeyError::Connection(_)) => true,
        _ => error == expected,
    }
}

#[tokio::test]
async fn a_wrong_answer_is_reported_and_loses_no_key() {
    let bench = Bench::warm().await;
    let token = bench.token();
    for (fault, expected) in faults() {
        bench.issuer.set_fault(Endpoint::Keys, fault);
        let error = bench.validator.refresh_now().await.unwrap_err();
        assert!(same_error(&error, &expected), "{error:?} and not {expected:?}");
        assert_eq!(bench.validator.health().last_error(), Some(&error));
        bench.serves(&token);
        bench.issuer.set_fault(Endpoint::Keys, Fault::None);
        bench.validator.refresh_now().await.unwrap();
        assert_eq!(bench.validator.health().last_error(), None, "the validator recovers");
    }
    assert_eq!(bench.issuer.requests(Endpoint::Elsewhere), 0, "no redirection was followed");
}

#[tokio::test]
async fn a_redirection_to_another_issuer_is_not_followed() {
    let (bench, evil) = (Bench::warm().await, Issuer::start().await.unwrap());
    bench.issuer.set_fault(Endpoint::Keys, Fault::Redirect(format!("{}/.well-known/jwks", evil.url())));
    assert_eq!(bench.validator.refresh_now().await, Err(KeyError::Redirected));
    assert_eq!(evil.requests(Endpoint::Keys), 0);
}

#[tokio::test]
async fn a_fetch_without_an_answer_times_out_while_requests_are_served() {
    for fault in [Fault::Hang, Fault::Stall] {
        let bench = Bench::warm().await;
        let token = bench.token();
        bench.issuer.set_fault(Endpoint::Keys, fault);
        let validator = bench.validator.clone();
        let refresh = tokio::spawn(async move { validator.refresh_now().await });
        bench.issuer.wait_for_requests(Endpoint::Keys, 2).await;
        bench.serves(&token);
        until("the fetch has a time limit", || bench.clock.pending_sleeps().contains(&secs(15))).await;
        bench.clock.advance(secs(15));
        assert_eq!(within("the fetch is given up", refresh).await.unwrap(), Err(KeyError::TimedOut));
        bench.serves(&token);
        bench.issuer.set_fault(Endpoint::Keys, Fault::None);
        bench.validator.refresh_now().await.unwrap();
    }
}

#[tokio::test]
async fn a_request_waits_two_seconds_for_a_hanging_issuer_and_no_longer() {
    let bench = Bench::warm().await;
    bench.clock.advance(secs(31));
    bench.issuer.set_fault(Endpoint::Keys, Fault::Hang);
    let (app, token) = (bench.app.clone(), naming(&bench.token(), "new"));
    let request = tokio::spawn(async move { status(&app, &token).await });
    until("the request waits", || bench.clock.pending_sleeps().contains(&secs(2))).await;
    bench.serves(&bench.token());
    bench.clock.advance(secs(2));
    assert_eq!(within("it is answered", request).await.unwrap(), 503);
}

#[tokio::test]
async fn a_slow_answer_is_accepted() {
    let bench = Bench::warm().await;
    bench.issuer.rotate();
    bench.issuer.set_fault(Endpoint::Keys, Fault::Stall);
    let (app, token) = (bench.app.clone(), bench.token());
    let request = tokio::spawn(async move { status(&app, &token).await });
    bench.issuer.wait_for_requests(Endpoint::Keys, 2).await;
    bench.clock.advance(secs(1));
    bench.issuer.set_fault(Endpoint::Keys, Fault::None);
    assert_eq!(within("the rest comes", request).await.unwrap(), 200);
}

#[tokio::test]
async fn a_bad_key_is_skipped_and_the_good_keys_are_kept() {
    let bench = Bench::warm().await;
    for bad in [
        "null",
        "[]",
        "\"text\"",
        "{}",
        r#"{"kty":"RSA","kid":"n","n":"AAAA","e":"AQAB"}"#,
        r#"{"kty":"RSA","kty":"oct","kid":"x","k":"AA"}"#,
        r#"{"kty":"oct","kid":"o","alg":"HS256","k":"c2VjcmV0"}"#,
        r#"{"kty":"XYZ","kid":"u"}"#,
        r#"{"kty":"EC","crv":"P-256","kid":"c","x":"AA","y":"AA"}"#,
    ] {
        bench.issuer.extra_jwk(bad);
    }
    bench.issuer.extra_jwk(short_rsa().to_string());
    bench.validator.refresh_now().await.unwrap();
    assert_eq!(bench.validator.health().key_count(), 1);
    bench.serves(&bench.token());
    for kid in ["o", "short", "n"] {
        assert_eq!(status(&bench.app, &naming(&bench.token(), kid)).await, 401, "{kid}");
    }
}

#[tokio::test]
async fn a_key_id_with_two_keys_verifies_with_neither() {
    let bench = Bench::warm().await;
    let other = SigningKey::generate(kinde_perms::Algorithm::Rs256).with_kid("twice");
    let another = SigningKey::generate(kinde_perms::Algorithm::Rs256).with_kid("twice");
    bench.issuer.publish(&other);
    bench.validator.refresh_now().await.unwrap();
    let token = bench.issuer.token().key(&other).sign();
    bench.serves(&token);
    bench.issuer.publish(&another);
    bench.validator.refresh_now().await.unwrap();
    assert_eq!(status(&bench.app, &token).await, 401);
    assert_eq!(status(&bench.app, &bench.issuer.token().key(&another).sign()).await, 401);
    bench.serves(&bench.token());
}

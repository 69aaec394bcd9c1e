//! Failures of the discovery document after warm-up: unavailable, naming another issuer, or naming another key host.

use kinde_perms::KeyError;
use kinde_perms_testkit::{Endpoint, Fault};

use super::Bench;

#[tokio::test]
async fn a_known_key_set_is_fetched_without_discovery() {
    let bench = Bench::warm().await;
    bench.issuer.set_fault(Endpoint::Discovery, Fault::Status(500));
    bench.validator.refresh_now().await.unwrap();
    assert_eq!(bench.issuer.requests(Endpoint::Discovery), 1);
}

#[tokio::test]
async fn discovery_may_fail_after_the_key_set_has_failed() {
    let bench = Bench::warm().await;
    bench.issuer.set_fault(Endpoint::Keys, Fault::Status(500));
    bench.validator.refresh_now().await.unwrap_err();
    bench.issuer.set_fault(Endpoint::Keys, Fault::None);
    for fault in [Fault::Status(500), Fault::Status(404), Fault::Html, Fault::Drop, Fault::Truncated] {
        bench.issuer.set_fault(Endpoint::Discovery, fault.clone());
        assert_eq!(bench.validator.refresh_now().await, Ok(()), "{fault:?}");
        bench.serves(&bench.token());
    }
}

#[tokio::test]
async fn a_document_of_another_issuer_is_refused_and_known_keys_still_verify() {
    let bench = Bench::warm().await;
    bench.issuer.set_discovery_issuer("https://somebody.example");
    bench.issuer.set_fault(Endpoint::Keys, Fault::Status(500));
    bench.validator.refresh_now().await.unwrap_err();
    bench.issuer.set_fault(Endpoint::Keys, Fault::None);
    assert_eq!(bench.validator.refresh_now().await, Err(KeyError::IssuerMismatch));
    bench.serves(&bench.token());
}

#[tokio::test]
async fn a_key_set_that_moves_to_another_host_is_not_followed() {
    let bench = Bench::warm().await;
    bench.issuer.set_jwks_uri("https://evil.example/jwks");
    bench.issuer.set_fault(Endpoint::Keys, Fault::Status(404));
    bench.validator.refresh_now().await.unwrap_err();
    assert_eq!(bench.validator.refresh_now().await, Err(KeyError::ForeignKeySet));
    bench.serves(&bench.token());
}

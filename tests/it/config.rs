//! The validator's settings: an accepted value builds, a refused one gives a `ConfigError` that names the setting.

use std::time::Duration;

use kinde_perms::{Validator, ValidatorBuilder, config::ConfigErrorKind};
use kinde_perms_testkit::{Issuer, SigningKey};
use serde_json::json;

const ISSUER: &str = "https://acme.kinde.com";

fn keys() -> String {
    json!({"keys": [SigningKey::shared().public_jwk()]}).to_string()
}

fn refusal(builder: ValidatorBuilder) -> (String, ConfigErrorKind) {
    let error = builder.build_with_static_keys(&keys()).unwrap_err();
    (error.to_string(), error.kind().clone())
}

/// `fn main() -> Result<(), Box<dyn Error>>` prints an error by `Debug`.
#[test]
fn a_program_that_returns_the_error_prints_its_sentence() {
    let error = Validator::builder(ISSUER, "").build_with_static_keys(&keys()).unwrap_err();
    assert_eq!(format!("{error:?}"), "audience is empty");
}

#[test]
fn issuer_and_audience_in_the_wrong_order_do_not_build() {
    for (issuer, audience) in [
        ("https://api.example.com", "https://acme.kinde.com"),
        ("https://api.example.com", "https://acme.kinde.com/"),
        ("https://api.example.com", "acme.kinde.com"),
        (ISSUER, ISSUER),
        (ISSUER, "acme.kinde.com/"),
        ("https://login.example.com", "https://login.example.com"),
    ] {
        let (text, kind) = refusal(Validator::builder(issuer, audience));
        assert_eq!(kind, ConfigErrorKind::IssuerAsAudience, "{issuer}, {audience}");
        assert_eq!(text, "audience is an issuer's address; it must be the API's identifier");
    }
    let (_, kind) = refusal(Validator::builder("todos-api", ISSUER));
    assert!(matches!(kind, ConfigErrorKind::InvalidUrl(_)), "an issuer without a domain");
    for audience in ["https://acme.kinde.com/api", "https://api.example.com", "todos-api"] {
        assert!(Validator::builder(ISSUER, audience).build_with_static_keys(&keys()).is_ok(), "{audience}");
    }
}

#[test]
fn an_issuer_is_https_or_loopback_without_user_query_or_fragment() {
    for good in [
        "https://acme.kinde.com",
        "https://acme.kinde.com/",
        "acme.kinde.com",
        "HTTPS://acme.kinde.com",
        "127.0.0.1:4000",
        "localhost",
        "https://login.example.com/tenant",
        "http://localhost:4000",
        "http://127.0.0.1:4000",
        "http://127.9.9.9",
        "http://[::1]:4000",
    ] {
        assert!(Validator::builder(good, "api").build_with_static_keys(&keys()).is_ok(), "{good}");
    }
    for insecure in [
        "http://acme.kinde.com",
        "http://localhost.example.com",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://[::2]",
        "http://127.0.0.1.example.com",
    ] {
        let (text, kind) = refusal(Validator::builder(insecure, "api"));
        assert_eq!(kind, ConfigErrorKind::InsecureUrl, "{insecure}");
        assert_eq!(text, "issuer must use https; plain http is for loopback addresses only");
    }
    for wrong in [
        "",
        " ",
        "not a url",
        "https://",
        "https://user@acme.kinde.com",
        "https://u:p@acme.kinde.com",
        "https://acme.kinde.com?x=1",
        "https://acme.kinde.com#x",
        "ftp://acme.kinde.com",
        "https://acme kinde.com",
        "https://acme.kinde.com:99999",
        "https://acme.kinde.com:",
    ] {
        let (text, kind) = refusal(Validator::builder(wrong, "api"));
        assert!(matches!(kind, ConfigErrorKind::InvalidUrl(_)), "{wrong}: {kind:?}");
        assert!(text.starts_with("issuer is not a usable URL: "), "{text}");
    }
}

#[test]
fn an_audience_is_required() {
    for empty in ["", " "] {
        let (text, kind) = refusal(Validator::builder(ISSUER, empty));
        assert_eq!((text.as_str(), kind), ("audience is empty", ConfigErrorKind::Empty));
    }
}

#[test]
fn options_have_ranges() {
    let builder = || Validator::builder(ISSUER, "api");
    assert!(builder().leeway(Duration::from_secs(300)).build_with_static_keys(&keys()).is_ok());
    let (text, _) = refusal(builder().leeway(Duration::from_secs(301)));
    assert_eq!(text, "leeway is out of range: at most 300 seconds");
    assert_eq!(refusal(builder().algorithms([])).0, "algorithms is empty");
    let short = Duration::from_secs(59);
    assert_eq!(refusal(builder().max_stale(short)).0, "max_stale is out of range: at least 60 seconds");
    let none = Duration::from_millis(999);
    assert_eq!(refusal(builder().max_lifetime(none)).0, "max_lifetime is out of range: at least a second");
    assert_eq!(refusal(builder().authorized_parties([""; 0])).0, "authorized_parties is empty");
    let url = builder().jwks_url("https://keys.example.com");
    assert_eq!(refusal(url).0, "jwks_url has no meaning beside static keys");
}

#[test]
fn static_keys_must_hold_a_usable_key() {
    for keys in ["", "{}", "[]", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\",\"kid\":\"1\"}]}"]
    {
        let error = Validator::builder(ISSUER, "api").build_with_static_keys(keys).unwrap_err();
        assert_eq!(error.setting(), "key_set");
        assert!(matches!(error.kind(), ConfigErrorKind::Keys(_)), "{keys}");
    }
}

#[tokio::test]
async fn the_discovered_issuer_must_be_the_configured_one() {
    let issuer = Issuer::start().await.unwrap();
    assert!(Validator::builder(issuer.url(), "api").connect().await.is_ok());
    issuer.set_discovery_issuer("https://somebody.example");
    let error = Validator::builder(issuer.url(), "api").connect().await.unwrap_err();
    assert_eq!(error.setting(), "issuer");
    assert!(error.to_string().contains("another issuer"), "{error}");
}

#[tokio::test]
async fn a_validator_returns_its_issuer_and_audiences() {
    let issuer = Issuer::start().await.unwrap();
    let with_slash = format!("{}/", issuer.url());
    issuer.set_discovery_issuer(&with_slash);
    let validator = Validator::builder(issuer.url(), "one").also_audience("two").connect().await.unwrap();
    assert_eq!(validator.issuer(), with_slash);
    assert_eq!(validator.audiences(), ["one", "two"]);

    let offline = Validator::builder(ISSUER, "api").build_with_static_keys(&keys()).unwrap();
    assert_eq!(offline.issuer(), ISSUER);
}

#[tokio::test]
async fn a_key_set_on_another_host_must_be_configured() {
    let (issuer, elsewhere) = (Issuer::start().await.unwrap(), Issuer::start().await.unwrap());
    let keys = format!("{}/.well-known/jwks.json", elsewhere.url());
    issuer.set_jwks_uri("https://keys.example.com/set");
    let error = Validator::builder(issuer.url(), "api").connect().await.unwrap_err();
    assert!(error.to_string().ends_with("another host: if it is to be trusted, set `jwks_url`"), "{error}");
    assert!(Validator::builder(issuer.url(), "api").jwks_url(keys).connect().await.is_ok());
    let insecure = Validator::builder(issuer.url(), "api").jwks_url("http://keys.example.com/jwks");
    assert_eq!(insecure.connect().await.unwrap_err().setting(), "jwks_url");
}

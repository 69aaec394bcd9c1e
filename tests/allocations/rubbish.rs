//! Refusing a token allocates at most 64 KiB in all, for every shape of token.

use std::future::pending;
use std::time::Duration;

use allocation_counter::measure;
use kinde_perms::{
    TokenError, Validator, ValidatorBuilder, VerifyError,
    keys::{Fetched, Fetching, KeySource},
    time::{Clock, Sleep},
};
use kinde_perms_test_inputs::rubbish::{
    Fill, HEADERS, PAYLOADS, huge_header, long_header, payload, short_payload,
};
use kinde_perms_testkit::SigningKey;
use tokio::runtime::{Builder, Runtime};

use super::{Context, Poll, Waker, pin};

/// Every allocation counts, including memory that is freed at once or reallocated.
const LIMIT: u64 = 64 * 1024;

const CLAIMS: &str =
    r#"{"iss":"https://acme.kinde.test","sub":"kp_1","exp":4102444800,"aud":["https://api.example.test"]}"#;

fn header(algorithm: &str, kid: &str) -> String {
    format!(r#"{{"alg":"{algorithm}","kid":"{kid}"}}"#)
}

/// A clock that stands still and wakes no sleeper; unlike a `ManualClock` it keeps no list of them.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn unix_time(&self) -> Duration {
        Duration::from_secs(1_767_225_600)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(pending())
    }
}

/// An issuer whose keys were fetched and that no longer answers.
#[derive(Debug)]
struct Issuer(String);

impl KeySource for Issuer {
    fn fetch(&self) -> Fetching<'_> {
        Box::pin(async { Ok(Fetched::new(self.0.clone())) })
    }
}

fn keys() -> String {
    format!(r#"{{"keys":[{}]}}"#, SigningKey::shared().public_jwk())
}

fn builder() -> ValidatorBuilder {
    Validator::builder("https://acme.kinde.test", "https://api.example.test").clock(Still)
}

/// A validator that may fetch. Its background task never runs, so the first unknown key id starts a fetch for which all
/// others wait.
fn fetching() -> (Runtime, Validator) {
    let runtime = Builder::new_current_thread().build().unwrap();
    let validator = runtime.block_on(builder().key_source(Issuer(keys())).connect()).unwrap();
    (runtime, validator)
}

/// Returns every shape of token, with a published key id or an unknown one.
fn tokens(known: &str) -> Vec<(String, String)> {
    let mut tokens = vec![
        ("dots".to_owned(), ".".repeat(16 * 1024)),
        ("none".to_owned(), huge_header(&header("none", known), CLAIMS)),
    ];
    for kid in [known, "unknown"] {
        let header = header("RS256", kid);
        tokens.push((format!("huge header, {kid}"), huge_header(&header, CLAIMS)));
        let payloads = PAYLOADS.iter().map(|(name, fill)| (name, payload(&header, CLAIMS, *fill)));
        let short = PAYLOADS.iter().map(|(name, fill)| (name, short_payload(&header, CLAIMS, *fill)));
        let headers = HEADERS.iter().map(|(name, fill)| (name, long_header(&header, CLAIMS, *fill)));
        tokens.extend(
            payloads.chain(short).chain(headers).map(|(name, token)| (format!("{name}, {kid}"), token)),
        );
    }
    tokens
}

/// Returns the number of bytes allocated until a token is refused, or until it has to wait.
fn bytes(validator: &Validator, name: &str, token: &str) -> u64 {
    let refuse = || {
        let verified = pin!(validator.verify(token)).poll(&mut Context::from_waker(Waker::noop()));
        assert!(!matches!(verified, Poll::Ready(Ok(_))), "{name}");
    };
    refuse();
    measure(refuse).bytes_total
}

#[test]
fn no_rubbish_costs_more_than_64_kib() {
    let (runtime, validator) = fetching();
    let _context = runtime.enter();
    for (name, token) in tokens(SigningKey::shared().kid()) {
        let bytes = bytes(&validator, &name, &token);
        eprintln!("{bytes:6} {name}");
        assert!(bytes <= LIMIT, "{name}: {bytes} bytes");
    }
}

/// Returns `true` if the payload is parsed: then a payload that is not JSON gives another result.
fn is_read(validator: &Validator, header: &str) -> bool {
    is_read_as(payload, validator, header)
}

fn is_read_as(token: fn(&str, &str, Fill) -> String, validator: &Validator, header: &str) -> bool {
    let [json, other] = [CLAIMS, &CLAIMS.replacen('{', "x", 1)]
        .map(|claims| bytes(validator, header, &token(header, claims, PAYLOADS[0].1)));
    json != other
}

#[test]
fn a_payload_that_cannot_cause_a_fetch_is_not_read() {
    let known = SigningKey::shared();
    let (unknown, bad) = (header("RS256", "unknown"), header("RS256", known.kid()));
    let fixed = builder().build_with_static_keys(&keys()).unwrap();
    for header in [&unknown, &bad, &header("ES256", known.kid()), &header("none", known.kid())] {
        assert!(!is_read(&fixed, header), "with fixed keys: {header}");
        assert!(!is_read_as(short_payload, &fixed, header), "with fixed keys: {header}");
    }
    let (runtime, validator) = fetching();
    let _context = runtime.enter();
    assert!(!is_read(&validator, &bad), "the signature of this long one was checked already");
    assert!(is_read_as(short_payload, &validator, &bad), "another key may have made this one");
    assert!(is_read(&validator, &unknown), "this one may have to wait");
}

#[test]
fn a_payload_is_not_read_once_the_budget_is_spent() {
    let (runtime, validator) = fetching();
    let token = |kid| payload(&header("RS256", kid), CLAIMS, PAYLOADS[0].1);
    // Two fetches in 30 s; neither finds the key.
    for kid in ["a", "b"] {
        let refused = runtime.block_on(validator.verify(&token(kid)));
        assert!(matches!(refused, Err(VerifyError::Token(TokenError::UnknownKey))), "{refused:?}");
    }
    for kid in ["a", "b", "c"] {
        assert!(!is_read(&validator, &header("RS256", kid)), "{kid}");
    }
}

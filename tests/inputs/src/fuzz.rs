//! Fuzzes the library through its public interface.
//!
//! Headers and payloads are signed here, so that the fuzzer gets past the signature. Each answer is compared with a second,
//! simple reading of the same bytes. Then the signature is replaced by a wrong one, and the allocations until the refusal
//! are counted.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, HeaderValue};
use kinde_perms::{
    Algorithm, Claims, Decision, Reason, Rejection, Rule, Validator, VerifyError,
    keys::{Fetching, KeySource},
    policy::Kind,
    time::{Clock, Sleep},
};
use serde_json::Value;
use serde_json::value::RawValue;

const ISSUER: &str = "https://acme.kinde.test";
const AUDIENCE: &str = "api";
const KID: &str = "k";
const NOW: u32 = 1_767_225_600;
const LEEWAY: f64 = 30.0;

/// The header and the payload of the good token.
const HEADER: &str = r#"{"alg":"EdDSA","kid":"k"}"#;
const PAYLOAD: &str = r#"{"iss":"https://acme.kinde.test","aud":["api"],"sub":"kp_1","exp":1767229200}"#;

/// A clock that stands still; with fixed keys nothing sleeps.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn unix_time(&self) -> Duration {
        Duration::from_secs(NOW.into())
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::pending())
    }
}

/// The same key in every run, so that the corpus stays valid; only this file uses it.
static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap());

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let x = URL_SAFE_NO_PAD.encode(KEY.public_key().as_ref());
    let keys =
        format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"{KID}","x":"{x}"}}]}}"#);
    let builder = Validator::builder(ISSUER, AUDIENCE).algorithms([Algorithm::EdDsa]).clock(Still);
    builder.build_with_static_keys(&keys).unwrap()
});

/// A validator without keys: it reads each token only far enough to decide whether the token must wait for a key.
static WITHOUT_KEYS: LazyLock<Validator> = LazyLock::new(|| {
    let builder = Validator::builder(ISSUER, AUDIENCE).algorithms([Algorithm::EdDsa]).clock(Still);
    builder.key_source(Silent).connect_lazily().unwrap()
});

/// An issuer that is never asked, as there is no runtime.
#[derive(Debug)]
struct Silent;

impl KeySource for Silent {
    fn fetch(&self) -> Fetching<'_> {
        Box::pin(std::future::pending())
    }
}

/// The allowed bytes of all allocations while a token is refused, freed at once or not.
const LIMIT: u64 = 64 * 1024;

/// Returns the number of bytes allocated to refuse an unsigned token, by a validator without its key and by one with it.
/// Neither may read more of the token than it must.
fn refuse(token: &str) -> u64 {
    let refused = |validator: &Validator| {
        let counted = allocation_counter::measure(|| assert!(at_once(validator.verify(token)).is_err()));
        assert!(counted.bytes_total <= LIMIT, "{} bytes", counted.bytes_total);
        counted.bytes_total
    };
    refused(&WITHOUT_KEYS).max(refused(&VALIDATOR))
}

/// Returns the same token with a wrong signature.
fn forged(token: &str) -> String {
    let (input, _) = token.rsplit_once('.').unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode([1; 64]))
}

static GOOD: LazyLock<String> = LazyLock::new(|| sign(HEADER.as_bytes(), PAYLOAD.as_bytes()));

fn sign(header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(KEY.sign(input.as_bytes()).as_ref());
    format!("{input}.{signature}")
}

/// Returns the output of a future that must be ready at the first poll, as the keys are known.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a verification with fixed keys waited"),
    }
}

fn verify(token: &str) -> Result<Claims, VerifyError> {
    let result = at_once(VALIDATOR.verify(token));
    if let Err(error) = &result {
        assert!(matches!(error, VerifyError::Token(_)), "the keys are at hand: {error}");
        assert_silent(token.as_bytes(), &format!("{error} {error:?}"));
    }
    result
}

/// Asserts that a message contains no part of the token.
///
/// Short texts and texts without a dot are not searched: any word of a message can be a refused token, but no message has
/// a dot among that many token characters.
fn assert_silent(token: &[u8], said: &str) {
    let token = String::from_utf8_lossy(token);
    assert!(token.len() < 24 || !token.contains('.') || !said.contains(&*token), "{said}");
}

/// Fuzzes a header over a good payload. Returns the cost of refusing it unsigned.
pub fn header(data: &[u8]) -> u64 {
    let token = sign(data, PAYLOAD.as_bytes());
    judge_header(data, &verify(&token));
    refuse(&forged(&token))
}

/// A header, signed.
fn judge_header(data: &[u8], result: &Result<Claims, VerifyError>) {
    if result.is_err() {
        assert_ne!(data, HEADER.as_bytes(), "the good header is refused: {result:?}");
        return;
    }
    let header: Value = serde_json::from_slice(data).unwrap();
    assert_eq!((header["alg"].as_str(), header["kid"].as_str()), (Some("EdDSA"), Some(KID)));
    for asks_for_more in ["crit", "zip", "cty"] {
        assert!(header.get(asks_for_more).is_none(), "{header}");
    }
    assert!(header.get("b64").is_none_or(|b64| *b64 == true), "{header}");
    let types = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];
    let typ = header.get("typ").map(|typ| typ.as_str().unwrap().to_ascii_lowercase());
    assert!(typ.is_none_or(|typ| types.contains(&typ.as_str())), "{header}");
}

/// Fuzzes a whole token: only the known good one may be accepted. Returns the cost of refusing it.
pub fn jws(data: &[u8]) -> u64 {
    let Ok(token) = std::str::from_utf8(data) else { return 0 };
    let is_good = token == *GOOD;
    assert_eq!(verify(token).is_ok(), is_good);
    if is_good { 0 } else { refuse(token) }
}

/// Fuzzes a payload under a good header. Returns the cost of refusing it unsigned.
pub fn claims(data: &[u8]) -> u64 {
    let token = sign(HEADER.as_bytes(), data);
    judge_claims(data, verify(&token));
    refuse(&forged(&token))
}

/// A payload, signed.
fn judge_claims(data: &[u8], result: Result<Claims, VerifyError>) {
    let Ok(claims) = result else {
        assert_ne!(data, PAYLOAD.as_bytes(), "the good payload is refused");
        return;
    };
    let payload: Value = serde_json::from_slice(data).unwrap();
    assert_eq!(payload["iss"], ISSUER);
    assert!(names_the_api(&payload["aud"]), "{payload}");
    assert!(payload["exp"].as_f64().unwrap() + LEEWAY > f64::from(NOW), "{payload}");
    for start in ["nbf", "iat"] {
        let start = payload.get(start).map(|start| start.as_f64().unwrap());
        assert!(start.is_none_or(|start| start <= f64::from(NOW) + LEEWAY), "{payload}");
    }
    for other_purpose in ["at_hash", "c_hash", "nonce", "cnf"] {
        assert!(payload.get(other_purpose).is_none(), "{payload}");
    }
    assert_permissions(&claims, &payload);
    RULES.iter().for_each(|(fact, rule)| assert_refusal(fact, &rule.decide(&claims)));
    assert_eq!(claims.custom::<Value>().unwrap(), payload);
    let _ = (serde_json::to_string(claims.feature_flags()), format!("{claims:?}"));
}

fn names_the_api(audience: &Value) -> bool {
    match audience {
        Value::String(one) => one == AUDIENCE,
        Value::Array(many) => many.iter().any(|one| one == AUDIENCE),
        _ => false,
    }
}

/// Asserts that the claims grant only permissions that the payload lists, and all of a well-formed list.
fn assert_permissions(claims: &Claims, payload: &Value) {
    let named = ["permissions", "x-hasura-permissions"];
    let list = named.into_iter().filter_map(|name| payload.get(name)).find(|list| !list.is_null());
    let list = list.and_then(Value::as_array).filter(|list| list.iter().all(Value::is_string));
    let list: Vec<&str> = list.into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(claims.permissions().iter().all(|key| list.contains(&key)), "{payload}");
    assert!(list.iter().all(|key| claims.permission(key).is_granted()), "{payload}");
}

/// Facts, each with a rule that requires it and a rule that excludes it.
static RULES: LazyLock<Vec<(&str, Rule)>> = LazyLock::new(|| {
    let facts = [
        ("permission `delete:todos`", r#"permissions = ["delete:todos"]"#),
        ("role `admin`", r#"roles = ["admin"]"#),
        ("scope `openid`", r#"scopes = ["openid"]"#),
        ("feature flag `seats = 5`", r#"feature_flags = ["seats" = 5]"#),
        ("organization `org_1`", r#"org = "org_1""#),
        ("principal `machine`", "principal = machine"),
    ];
    let both =
        facts.into_iter().flat_map(|(fact, text)| [(fact, text.to_owned()), (fact, format!("not({text})"))]);
    both.map(|(fact, text)| (fact, text.parse().unwrap())).collect()
});

/// Asserts that a refusal names the rule's fact or the missing claim, and nothing from the token.
fn assert_refusal(fact: &str, decision: &Decision) {
    let Decision::Deny(denied) = decision else { return };
    let text = denied.to_string();
    let of_the_fact = [format!("token lacks {fact}"), format!("token holds {fact}, which the rule excludes")];
    let claim =
        text.strip_prefix("token carries a malformed ").or_else(|| text.strip_prefix("token carries no "));
    let claim = claim.and_then(|rest| rest.strip_suffix(" claim"));
    let of_a_claim = claim.is_some_and(|name| Kind::ALL.iter().any(|kind| kind.claim() == name));
    assert!(of_a_claim || of_the_fact.contains(&text), "{text}");
}

/// A key set.
pub fn key_set(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let builder =
        Validator::builder(ISSUER, AUDIENCE).algorithms(Algorithm::ALL.iter().copied()).clock(Still);
    let Ok(validator) = builder.build_with_static_keys(text) else { return };
    let keys = signature_keys(text);
    let count = validator.health().key_count();
    assert!((1..=100).contains(&count) && count <= keys, "{count} of {keys} keys");
    assert!(at_once(validator.verify(&GOOD)).is_err() || text.contains(KID));
}

/// Counts the members that could be public keys at all.
fn signature_keys(text: &str) -> usize {
    let set: HashMap<String, Box<RawValue>> = serde_json::from_str(text).unwrap();
    let keys: Vec<Box<RawValue>> = serde_json::from_str(set["keys"].get()).unwrap();
    // Readers differ in the members that they can read, so each member is tried alone.
    let keys = keys.iter().filter_map(|key| serde_json::from_str::<Value>(key.get()).ok());
    keys.filter(|key| key["kty"] != "oct" && key.get("d").is_none()).count()
}

/// Fuzzes the `Authorization` headers of a request, one a line.
pub fn bearer(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(3) {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append(AUTHORIZATION, value);
    }
    let mut extensions = Extensions::new();
    let result = at_once(VALIDATOR.authenticate(&headers, &mut extensions));
    assert_eq!(Claims::of((&headers, &extensions)).is_some(), result.is_ok());
    let values: Vec<&[u8]> = headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes).collect();
    if let Err(rejection) = &result {
        let words = values.iter().flat_map(|value| value.split(|byte| *byte == b' '));
        words.for_each(|word| assert_silent(word, &said(rejection)));
    }
    assert_reading(&values, result);
}

/// Returns every text about a rejection: response, event, and messages.
fn said(rejection: &Rejection) -> String {
    let response = rejection.to_response();
    format!("{rejection} {rejection:?} {:?} {:?}", response.headers(), response.body())
}

fn assert_reading(values: &[&[u8]], result: Result<Claims, Rejection>) {
    let token = match values {
        [one] => bearer_token(one),
        _ => None,
    };
    match (token, result) {
        (Some(token), Ok(_)) => assert_eq!(token, GOOD.as_bytes()),
        (Some(_), Err(rejection)) => assert!(matches!(rejection.reason(), Reason::Token(_)), "{rejection}"),
        (None, Ok(_)) => panic!("accepted without a bearer token"),
        (None, Err(rejection)) => {
            assert!(
                matches!(rejection.reason(), Reason::NoCredentials | Reason::InvalidRequest),
                "{rejection}"
            );
            assert!(!rejection.to_response().status().is_server_error());
        }
    }
}

/// Reads `Bearer`, spaces, `b64token` backwards from the end of the value.
fn bearer_token(value: &[u8]) -> Option<&[u8]> {
    let is_token_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let start = value.iter().rposition(|byte| !is_token_byte(byte))?;
    let (scheme, token) = value.split_at(start.saturating_add(1));
    let word_end = scheme.iter().position(|byte| *byte == b' ')?;
    let (word, spaces) = scheme.split_at(word_end);
    let padded_right = token.iter().skip_while(|byte| **byte != b'=').all(|byte| *byte == b'=');
    let well_formed = word.eq_ignore_ascii_case(b"bearer")
        && spaces.iter().all(|byte| *byte == b' ')
        && padded_right
        && token.first().is_some_and(|first| *first != b'=');
    well_formed.then_some(token)
}

/// Fuzzes a rule as text: printing a rule and reading it again gives the same rule.
pub fn rule(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(rule) = text.parse::<Rule>() else { return };
    let printed = rule.to_string();
    let again: Rule = printed.parse().unwrap_or_else(|error| panic!("{printed}: {error}"));
    assert_eq!(again.to_string(), printed);
    assert!(!(rule.is_always_met() && rule.is_never_met()), "{printed}");
    assert!(rule.implies(&again) && again.implies(&rule), "{printed}");
}

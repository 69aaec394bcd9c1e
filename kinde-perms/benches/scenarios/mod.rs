//! The measured scenarios: one list for times, instructions and allocations.

mod fixture;
mod refusal;
mod server;

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use kinde_perms::{
    Claims, Rejection, Requirement, Validator, ValidatorBuilder, cache::CacheConfig, requirement, requires,
};

pub use self::fixture::Fixture;
use self::server::{bare_router, guarded_router, requesting};

/// A measured step, repeated many times.
pub type Work = Box<dyn FnMut() + Send>;

/// Prepares a scenario.
pub type Prepare = Box<dyn Fn(&Fixture) -> Work>;

/// Returns every scenario by its name.
pub fn scenarios() -> Vec<(&'static str, Prepare)> {
    let fixed = SCENARIOS.iter().map(|&(name, prepare)| -> (_, Prepare) { (name, Box::new(prepare)) });
    fixed.chain(refusal::scenarios()).collect()
}

type Scenario = (&'static str, fn(&Fixture) -> Work);

const SCENARIOS: [Scenario; 24] = [
    ("raw_rs256_10", |fixture| raw_rs256(fixture, "rs256_10")),
    ("raw_rs256_100", |fixture| raw_rs256(fixture, "rs256_100")),
    ("verify_rs256_1", |fixture| verify(fixture, "rs256_1")),
    ("verify_rs256_10", |fixture| verify(fixture, "rs256_10")),
    ("verify_rs256_100", |fixture| verify(fixture, "rs256_100")),
    ("verify_rs256_1000", |fixture| verify(fixture, "rs256_1000")),
    ("verify_es256_10", |fixture| verify(fixture, "es256_10")),
    ("verify_eddsa_10", |fixture| verify(fixture, "eddsa_10")),
    ("cache_miss", cache_miss),
    ("cache_hit", |fixture| cache_hit(fixture, CacheConfig::new())),
    ("cache_hit_by_digest", |fixture| cache_hit(fixture, CacheConfig::new().keyed_by_digest())),
    ("garbage", garbage),
    ("rule_1", |fixture| rule(fixture, "rs256_1")),
    ("rule_10", |fixture| rule(fixture, "rs256_10")),
    ("rule_100", |fixture| rule(fixture, "rs256_100")),
    ("rule_1000", |fixture| rule(fixture, "rs256_1000")),
    ("rule_role", role),
    ("explain_denial", |fixture| explain(fixture, &LACKED)),
    ("explain_alternatives", |fixture| explain(fixture, &LACKED_ANY)),
    ("rejection_response", rejection_response),
    ("extract_claims", extract),
    ("request_bare", |fixture| requesting(bare_router(fixture.validator(same)), &one(fixture))),
    ("request_guarded_warm", |fixture| requesting(guarded_router(fixture.validator(same)), &one(fixture))),
    ("request_guarded_cold", |fixture| requesting(guarded_router(fixture.validator(small)), &fixture.many)),
];

const HELD: Requirement = requirement!(permissions = ["create:todos"]);
const HELD_ROLE: Requirement = requirement!(roles = ["role2"]);
const LACKED: Requirement = requirement!(permissions = ["delete:todos"], roles = ["admin"]);

const LACKED_ANY: Requirement = requirement!(
    any(permissions = ["a", "b", "c", "d", "e"]),
    any(permissions = ["f", "g", "h", "i", "j"]),
    any(roles = ["a", "b", "c", "d", "e"]),
);

/// Returns the output of a future that is ready at the first poll.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("with fixed keys nothing waits"),
    }
}

/// The signature alone, with a parsed key: the minimum of every verification.
fn raw_rs256(fixture: &Fixture, token: &str) -> Work {
    let jwks: serde_json::Value = serde_json::from_str(&fixture.keys).unwrap();
    let jwk = jwks["keys"].as_array().unwrap().iter().find(|key| key["kty"] == "RSA").unwrap();
    let [n, e] = ["n", "e"].map(|name| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    let components = RsaPublicKeyComponents { n, e };
    let key: ParsedPublicKey = components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).unwrap();
    let (input, signature) = fixture.token(token).rsplit_once('.').unwrap();
    let (input, signature) = (input.to_owned(), URL_SAFE_NO_PAD.decode(signature).unwrap());
    Box::new(move || key.verify_sig(black_box(input.as_bytes()), black_box(&signature)).unwrap())
}

fn verified(validator: &Validator, token: &str) -> Claims {
    at_once(validator.verify(black_box(token))).unwrap()
}

fn verify(fixture: &Fixture, token: &str) -> Work {
    let (validator, token) =
        (fixture.validator(ValidatorBuilder::without_cache), fixture.token(token).to_owned());
    Box::new(move || drop(black_box(verified(&validator, &token))))
}

fn cache_hit(fixture: &Fixture, config: CacheConfig) -> Work {
    Box::new(hit(fixture, config))
}

/// A cache hit that several threads can make at the same time.
pub fn hit(fixture: &Fixture, config: CacheConfig) -> impl Fn() + Send + Sync + 'static {
    let validator = fixture.validator(|builder| builder.cache(config));
    let token = fixture.token("rs256_10").to_owned();
    move || drop(black_box(verified(&validator, &token)))
}

/// Every token is new and evicts another.
fn cache_miss(fixture: &Fixture) -> Work {
    let validator = fixture.validator(small);
    let tokens = fixture.many.clone();
    let mut next = 0;
    Box::new(move || {
        drop(black_box(verified(&validator, &tokens[next])));
        next = (next + 1) % tokens.len();
    })
}

fn garbage(fixture: &Fixture) -> Work {
    let validator = fixture.validator(same);
    let text = format!("{}x", "z".repeat(1400));
    Box::new(move || drop(black_box(at_once(validator.verify(black_box(&text)))).unwrap_err()))
}

fn claims(fixture: &Fixture, token: &str) -> Claims {
    verified(&fixture.validator(same), fixture.token(token))
}

fn rule(fixture: &Fixture, token: &str) -> Work {
    let claims = claims(fixture, token);
    Box::new(move || assert!(black_box(&claims).has(black_box(&HELD))))
}

fn role(fixture: &Fixture) -> Work {
    let claims = claims(fixture, "rs256_10");
    Box::new(move || assert!(black_box(&claims).has(black_box(&HELD_ROLE))))
}

fn explain(fixture: &Fixture, lacked: &'static Requirement) -> Work {
    let claims = claims(fixture, "rs256_10");
    Box::new(move || drop(black_box(black_box(&claims).require(black_box(lacked)).unwrap_err())))
}

#[requires(permissions = ["delete:todos"], roles = ["admin"])]
async fn denied() {}

/// A verified token that does not meet the rule, up to the bytes of the response.
fn rejection_response(fixture: &Fixture) -> Work {
    let (validator, token) = (fixture.validator(same), fixture.token("rs256_10").to_owned());
    let granted = move || {
        at_once(async {
            denied(validator.grant(black_box(&token)).await?).await;
            Ok::<_, Rejection>(())
        })
    };
    Box::new(move || drop(black_box(granted().unwrap_err().to_response())))
}

/// `Claims` as an extractor, the token being known.
fn extract(fixture: &Fixture) -> Work {
    let validator = fixture.validator(same);
    let bearer = format!("Bearer {}", fixture.token("rs256_10"));
    let (mut parts, ()) = Request::get("/").header("authorization", bearer).body(()).unwrap().into_parts();
    Box::new(move || {
        parts.extensions.clear();
        drop(black_box(
            at_once(<Claims as FromRequestParts<Validator>>::from_request_parts(
                black_box(&mut parts),
                &validator,
            ))
            .unwrap(),
        ));
    })
}

fn same(builder: ValidatorBuilder) -> ValidatorBuilder {
    builder
}

/// Far fewer entries than tokens.
fn small(builder: ValidatorBuilder) -> ValidatorBuilder {
    builder.cache(CacheConfig::new().max_entries(16))
}

fn one(fixture: &Fixture) -> Vec<String> {
    vec![fixture.token("rs256_10").to_owned()]
}

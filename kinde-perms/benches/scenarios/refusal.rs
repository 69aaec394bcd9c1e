//! The cost of refusing rubbish in the most expensive state: a fetch of the keys is under way, so a token with an unknown
//! key id may have to wait for it.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Waker};

use kinde_perms::{
    KeyError, Validator,
    keys::{Fetched, Fetching, KeySource},
};
use kinde_perms_test_inputs::rubbish::{self, HEADERS, PAYLOADS};
use tokio::runtime::{Builder, Runtime};

use super::{Fixture, Prepare, Work};

/// Scenarios of tokens that are refused.
pub(super) fn scenarios() -> impl Iterator<Item = (&'static str, Prepare)> {
    // With an unknown key id the payload is read; with a known one the signature is checked.
    let payloads = PAYLOADS.iter().map(|&(name, fill)| {
        scenario(name, move |_| rubbish::payload(&header("RS256", "unknown"), &Fixture::claims(), fill))
    });
    let headers = HEADERS.iter().map(|&(name, fill)| {
        scenario(name, move |fixture| {
            rubbish::long_header(&header("RS256", &fixture.kid()), &Fixture::claims(), fill)
        })
    });
    let others = [
        scenario("bad_signature", ordinary),
        scenario("rubbish_bad_signature", |fixture| {
            rubbish::payload(&header("RS256", &fixture.kid()), &Fixture::claims(), PAYLOADS[1].1)
        }),
        scenario("rubbish_short_members", |fixture| {
            rubbish::short_payload(&header("RS256", &fixture.kid()), &Fixture::claims(), PAYLOADS[12].1)
        }),
        scenario("rubbish_huge_header", |fixture| {
            rubbish::huge_header(&header("RS256", &fixture.kid()), &Fixture::claims())
        }),
        scenario("rubbish_alg_none", |fixture| {
            rubbish::huge_header(&header("none", &fixture.kid()), &Fixture::claims())
        }),
        scenario("rubbish_dots", |_| ".".repeat(16 * 1024)),
    ];
    others.into_iter().chain(payloads).chain(headers)
}

fn scenario(name: &'static str, token: impl Fn(&Fixture) -> String + 'static) -> (&'static str, Prepare) {
    (name, Box::new(move |fixture| refuse(fixture, token(fixture))))
}

fn header(algorithm: &str, kid: &str) -> String {
    format!(r#"{{"alg":"{algorithm}","kid":"{kid}"}}"#)
}

/// A token of ten permissions with the signature of another token.
fn ordinary(fixture: &Fixture) -> String {
    let [token, other] = ["rs256_10", "rs256_1"].map(|name| fixture.token(name).rsplit_once('.').unwrap());
    format!("{}.{}", token.0, other.1)
}

fn refuse(fixture: &Fixture, token: String) -> Work {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let validator = runtime.block_on(asking(fixture));
    Box::new(move || refuse_once(&runtime, &validator, black_box(&token)))
}

fn refuse_once(runtime: &Runtime, validator: &Validator, token: &str) {
    let _context = runtime.enter();
    let verified = pin!(validator.verify(token)).poll(&mut Context::from_waker(Waker::noop()));
    assert!(!matches!(verified, std::task::Poll::Ready(Ok(_))));
}

/// A validator whose background task must fetch but never runs.
async fn asking(fixture: &Fixture) -> Validator {
    let source = Source(fixture.keys.clone());
    Fixture::builder().key_source(source).connect().await.unwrap()
}

#[derive(Debug)]
struct Source(String);

impl KeySource for Source {
    fn fetch(&self) -> Fetching<'_> {
        Box::pin(async { Ok::<_, KeyError>(Fetched::new(self.0.clone())) })
    }
}

//! Requests while the issuer fails, over real HTTP and in injected time.
//!
//! The table lists the tests of each failure. `jwks-…` and `own-…` are rows of `tests/attacks`, which attack a served API.
//!
//! | failure | here | there |
//! |---|---|---|
//! | down at start, lazily or not | `start` | `jwks-14` |
//! | down after warm-up, for a day | `outage` | `jwks-13` |
//! | 500 and other statuses, dropped and cut-off answers | `answers` | |
//! | HTML, truncated, 10 MiB, endless, 100 000 keys | `answers` | `jwks-10` |
//! | hanging, stalled, slow | `answers` | `jwks-12` |
//! | empty set, nothing but `oct` or RSA-1024 | `answers` | `jwks-03`, `jwks-09`, `own-symmetric` |
//! | one bad key among good ones | `answers` | `jwks-06`, `jwks-07`, `own-mismatched` |
//! | an id of two keys | `answers` | `jwks-05`, `own-kid-twice-later` |
//! | redirection | `answers` | `jwks-11` |
//! | rotation, a withdrawn key | `rotation` | `own-withdrawn` |
//! | same id, new key | `rotation` | `jwks-16`, `own-bad-signatures` |
//! | extremes of `Cache-Control` | `lifetime` | |
//! | discovery that fails, names another issuer or host | `discovery` | `jwks-17`, `jwks-18`, `own-hijacked-discovery` |
//! | floods of unknown ids | `flood` | `hdr-17`, `own-flood-at-once`, `own-flood-in-outage`, `own-unworthy` |
//! | the task: last validator, lost runtime, shutdown | `runtimes` | |

mod answers;
mod discovery;
mod flood;
mod lifetime;
mod outage;
mod rotation;
mod runtimes;
mod start;

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use kinde_perms::{Validator, requires};
use kinde_perms_testkit::{Endpoint, Issuer, ManualClock, TokenParts};
use kinde_perms_tests::{Answer, get, send};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A limit in real time, far above the milliseconds that each step takes: a hanging test fails with a message.
const PATIENCE: Duration = Duration::from_secs(60);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[requires(authenticated)]
async fn hello() -> &'static str {
    "hello"
}

fn app(validator: &Validator) -> Router {
    Router::new().route("/", on_get(hello)).with_state(validator.clone())
}

/// An API that has fetched its keys, its issuer, and the clock of both.
struct Bench {
    clock: ManualClock,
    issuer: Issuer,
    validator: Validator,
    app: Router,
}

impl Bench {
    async fn warm() -> Self {
        let clock = ManualClock::new();
        let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
        let validator = issuer.validator().await.unwrap();
        let app = app(&validator);
        Self { clock, issuer, validator, app }
    }

    /// A token that outlives every test.
    fn token(&self) -> String {
        self.issuer.token().expires_in(DAY.saturating_mul(7)).sign()
    }

    fn fetches(&self) -> u64 {
        self.issuer.requests(Endpoint::Keys)
    }

    /// Asserts that a good token is accepted without a single wait.
    fn serves(&self, token: &str) {
        assert!(matches!(polled_once(self.validator.verify(token)), Some(Ok(_))));
    }
}

/// Returns the token with another key id. Its signature is wrong, but the validator must look for the key first.
fn naming(token: &str, kid: &str) -> String {
    TokenParts::of(token).edit_header(|header| drop(header.insert("kid".into(), kid.into()))).to_string()
}

async fn ask(app: &Router, token: &str) -> Answer {
    send(app, get("/", Some(token))).await
}

async fn status(app: &Router, token: &str) -> u16 {
    ask(app, token).await.status.as_u16()
}

/// Returns the output of a future that is ready at the first poll.
pub(crate) fn polled_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Lets the other tasks and the network run until `so` returns `true`.
async fn until(what: &str, so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            tokio::task::yield_now().await;
        }
    };
    within(what, waiting).await;
}

/// Waits for a future for at most `PATIENCE`.
async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("this did not happen: {what}"))
}

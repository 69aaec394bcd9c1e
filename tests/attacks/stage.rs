//! The stage of an attack: an issuer, an API that trusts it, and the rules that must hold for every answer.

use std::sync::LazyLock;

use kinde_perms::{Algorithm, TokenError, Validator, ValidatorBuilder, VerifyError};
use kinde_perms_testkit::{Endpoint, Issuer, ManualClock, SigningKey, TokenBuilder};

use crate::attack::{Answer, Attempt, Batch, Case};
use crate::site::Site;
use crate::wire::{Request, Response};

/// A key that the issuer does not publish.
pub(crate) static ATTACKER: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::Rs256));

/// How an API and its issuer differ from the usual ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    /// The algorithms that the API accepts.
    pub(crate) algorithms: &'static [Algorithm],
    /// The issuer's signing key.
    pub(crate) signing: Algorithm,
    /// Further changes to the issuer before the API starts.
    pub(crate) prepare: fn(&Issuer),
    /// Further settings of the API.
    pub(crate) configure: fn(ValidatorBuilder) -> ValidatorBuilder,
}

impl Setup {
    /// As with Kinde: RS256 alone.
    pub(crate) const USUAL: Self = Self {
        algorithms: &[Algorithm::Rs256],
        signing: Algorithm::Rs256,
        prepare: |_| (),
        configure: |builder| builder,
    };

    /// One other algorithm alone.
    pub(crate) const fn only(algorithms: &'static [Algorithm]) -> Self {
        Self { algorithms, signing: algorithms[0], ..Self::USUAL }
    }

    /// The usual algorithm, and others allowed beside it.
    pub(crate) const fn allowing(algorithms: &'static [Algorithm]) -> Self {
        Self { algorithms, ..Self::USUAL }
    }

    /// The usual setup, with other published keys.
    pub(crate) const fn publishing(prepare: fn(&Issuer)) -> Self {
        Self { prepare, ..Self::USUAL }
    }

    pub(crate) const fn configured(configure: fn(ValidatorBuilder) -> ValidatorBuilder) -> Self {
        Self { configure, ..Self::USUAL }
    }
}

/// An issuer and an API that has fetched its keys.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) issuer: Issuer,
    pub(crate) clock: ManualClock,
    pub(crate) validator: Validator,
    pub(crate) site: Site,
    asked: Asked,
}

/// How often the issuer was asked, by endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) discovery: u64,
    pub(crate) keys: u64,
    pub(crate) elsewhere: u64,
}

impl Asked {
    pub(crate) fn of(issuer: &Issuer) -> Self {
        Self {
            discovery: issuer.requests(Endpoint::Discovery),
            keys: issuer.requests(Endpoint::Keys),
            elsewhere: issuer.requests(Endpoint::Elsewhere),
        }
    }
}

impl Stage {
    pub(crate) async fn usual() -> Self {
        Self::of(Setup::USUAL).await
    }

    pub(crate) async fn of(setup: Setup) -> Self {
        let clock = ManualClock::new();
        let issuer = issuer(&clock, setup.signing).await;
        (setup.prepare)(&issuer);
        let builder = builder(&issuer, &clock).algorithms(setup.algorithms.iter().copied());
        let validator = (setup.configure)(builder).connect().await.expect("the keys of the issuer");
        let site = Site::serve(&validator).await;
        let asked = Asked::of(&issuer);
        Self { issuer, clock, validator, site, asked }
    }

    /// Begins a token that would be accepted.
    pub(crate) fn token(&self) -> TokenBuilder {
        self.issuer.token()
    }

    pub(crate) fn kid(&self) -> String {
        self.issuer.signing_key().kid().to_owned()
    }

    /// Returns the seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.clock.unix_time().as_secs()
    }

    /// Runs the variants, and then checks that nothing has suffered.
    pub(crate) async fn run(&self, batch: &Batch) {
        let cases = (batch.cases)(self);
        assert!(!cases.is_empty(), "an attack without a variant");
        for case in &cases {
            self.check(case).await;
        }
        self.still_well(batch.requests.unwrap_or_else(|| allowance(&cases))).await;
    }

    /// Checks that the next good token is accepted, and that the issuer was asked at most `requests` times meanwhile.
    pub(crate) async fn still_well(&self, requests: u64) {
        self.accepts(&self.token().sign()).await;
        let (before, after) = (self.asked, Asked::of(&self.issuer));
        assert!(after.keys - before.keys <= requests, "asked for the keys: {before:?}, {after:?}");
        assert!(after.discovery - before.discovery <= requests, "discovery: {before:?}, {after:?}");
        assert_eq!(after.elsewhere, 0, "asked for something that nobody has to ask for");
    }

    pub(crate) async fn accepts(&self, token: &str) {
        self.check(&Case::accepted("a good token", token.to_owned())).await;
    }

    pub(crate) async fn refuses(&self, what: &str, token: &str, error: TokenError) {
        self.check(&Case::refused(what, token.to_owned(), error)).await;
    }

    /// Checks that a token is not accepted while the issuer cannot be asked about it: that is 401 or 503.
    pub(crate) async fn refuses_or_cannot_tell(&self, token: &str) {
        let error = self.validator.verify(token).await.err();
        let refused =
            matches!(error, Some(VerifyError::Token(TokenError::UnknownKey) | VerifyError::Keys { .. }));
        assert!(refused, "{error:?}");
    }

    pub(crate) async fn check(&self, case: &Case) {
        match &case.attempt {
            Attempt::Token(token) => {
                self.check_token(case, token).await;
                if can_travel(token) {
                    let request = Request::get("/me").bearer(token);
                    self.check_request(&case.what, &request, answer_over_http(case.answer, token)).await;
                }
            }
            Attempt::Request(request) => {
                self.check_request(&case.what, request, case.answer).await;
            }
        }
    }

    async fn check_token(&self, case: &Case, token: &str) {
        let error = self.validator.verify(token).await.err();
        let expected = match case.answer {
            Answer::Accepted => None,
            Answer::Refused(error) => Some(VerifyError::Token(error)),
            other => panic!("{}: {other:?} is no answer to a token", case.what),
        };
        assert_eq!(error, expected, "{}", case.what);
    }

    /// Sends a request and checks all of the answer, and whether a handler ran.
    pub(crate) async fn check_request(&self, what: &str, request: &Request, answer: Answer) {
        let before = self.site.handled();
        let response = request.send(self.site.address).await;
        answer.check(what, &response);
        let handled = self.site.handled() - before;
        assert_eq!(handled, u64::from(answer == Answer::Accepted), "{what}: handlers that ran");
    }
}

/// Starts an issuer with a key for `algorithm`.
pub(crate) async fn issuer(clock: &ManualClock, algorithm: Algorithm) -> Issuer {
    let key = match algorithm {
        Algorithm::Rs256 => SigningKey::shared(),
        Algorithm::Ps256 => SigningKey::shared().with_algorithm(algorithm),
        other => SigningKey::generate(other),
    };
    Issuer::builder().clock(clock.clone()).signing_key(&key).start().await.unwrap()
}

pub(crate) fn builder(issuer: &Issuer, clock: &ManualClock) -> ValidatorBuilder {
    Validator::builder(issuer.url(), issuer.audience()).clock(clock.clone())
}

/// At most two fetches in 30 s for unknown keys, at most one of them for a bad signature, and none for anything else.
fn allowance(cases: &[Case]) -> u64 {
    let any = |error| cases.iter().any(|case| case.answer == Answer::Refused(error));
    if any(TokenError::UnknownKey) { 2 } else { u64::from(any(TokenError::InvalidSignature)) }
}

/// Whether a token reaches the API unchanged as part of a header.
fn can_travel(token: &str) -> bool {
    token.trim() == token && !token.is_empty() && !token.bytes().any(|byte| byte < b' ' && byte != b'\t')
}

fn answer_over_http(answer: Answer, token: &str) -> Answer {
    match answer {
        Answer::Refused(_) if !is_b64token(token) => Answer::InvalidRequest,
        other => other,
    }
}

/// `b64token` of RFC 6750 §2.1.
fn is_b64token(token: &str) -> bool {
    let unpadded = token.trim_end_matches('=');
    !unpadded.is_empty()
        && unpadded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

impl Answer {
    /// Checks everything that the answer promises.
    pub(crate) fn check(self, what: &str, response: &Response) {
        let (status, challenge, error) = self.on_the_wire();
        if self == Self::NotHttp {
            let refused = response.status == 0 || (400..500).contains(&response.status);
            assert!(refused && response.header("www-authenticate").is_none(), "{what}: {response:?}");
            return;
        }
        assert_eq!(response.status, status, "{what}: {response:?}");
        let found = response.header("www-authenticate");
        match (self, challenge) {
            // The rest of the challenge names the scopes that are missing.
            (Self::Denied, Some(challenge)) => {
                assert!(found.is_some_and(|found| found.starts_with(challenge)), "{what}: {response:?}");
            }
            _ => assert_eq!(found, challenge, "{what}: {response:?}"),
        }
        assert_eq!(
            response.header("retry-after").is_some(),
            self == Self::Unavailable,
            "{what}: {response:?}"
        );
        if let Some(error) = error {
            assert_eq!(response.header("content-type"), Some("application/problem+json"), "{what}");
            let member = format!(r#""error":"{error}""#);
            assert!(response.body().is_empty() || response.body().contains(&member), "{what}: {response:?}");
        }
    }

    /// Returns the status, the challenge, and the `error` member of the body.
    fn on_the_wire(self) -> (u16, Option<&'static str>, Option<&'static str>) {
        const INVALID_TOKEN: Option<&str> = Some(r#"Bearer error="invalid_token""#);
        match self {
            Self::Accepted => (200, None, None),
            Self::Refused(TokenError::WrongAudience) => (401, INVALID_TOKEN, Some("Invalid audience")),
            Self::Refused(_) => (401, INVALID_TOKEN, Some("Invalid token")),
            Self::NoCredentials => (401, Some("Bearer"), Some("Missing bearer token")),
            Self::InvalidRequest => (400, Some(r#"Bearer error="invalid_request""#), Some("Invalid request")),
            Self::Denied => (403, Some(r#"Bearer error="insufficient_scope""#), Some("Forbidden")),
            Self::Unavailable => (503, None, Some("Token validation failed")),
            Self::NotFound => (404, None, None),
            Self::NotAllowed => (405, None, None),
            Self::NotHttp => (400, None, None),
        }
    }
}

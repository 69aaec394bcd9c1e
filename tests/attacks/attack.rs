//! The types with which the table describes attacks.

use std::future::Future;
use std::pin::Pin;

use kinde_perms::TokenError;

use crate::stage::{Setup, Stage};
use crate::wire::Request;

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Attack {
    pub(crate) id: &'static str,
    /// The description of our own attacks; published attacks are described in `attacks.json`.
    pub(crate) name: Option<&'static str>,
    pub(crate) verdict: Verdict,
    /// Our decision and its reason, where the published expectation is open or differs from ours.
    pub(crate) choice: Option<&'static str>,
    pub(crate) batches: Vec<Batch>,
    pub(crate) scenes: Vec<Scene>,
}

/// The required result of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Refused,
    /// A legitimate request, which must be accepted.
    Accepted,
    NotApplicable(&'static str),
}

/// Variants of an attack on one and the same stage.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) setup: Setup,
    pub(crate) cases: fn(&Stage) -> Vec<Case>,
    /// How often the issuer may be asked because of them; `None` follows from the answers.
    pub(crate) requests: Option<u64>,
}

/// An attack that takes more than tokens and requests.
pub(crate) type Scene = fn() -> Pin<Box<dyn Future<Output = ()>>>;

/// One variant of an attack: the requests, and the required answer.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) attempt: Attempt,
    pub(crate) answer: Answer,
}

#[derive(Debug)]
pub(crate) enum Attempt {
    /// To be verified, and sent as a bearer token as well where HTTP can carry it.
    Token(String),
    Request(Request),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 200, from the handler.
    Accepted,
    /// The token is refused for this reason: 401 `invalid_token`, or 400 if it is no `b64token` at all.
    Refused(TokenError),
    /// 401 without an error code: the request carries no credentials.
    NoCredentials,
    /// 400 `invalid_request`.
    InvalidRequest,
    /// 403 `insufficient_scope`.
    Denied,
    /// 503 with `Retry-After`.
    Unavailable,
    /// 404 from the router.
    NotFound,
    /// 405 from the router.
    NotAllowed,
    /// 4xx from the HTTP server, before any routing, or a closed connection.
    NotHttp,
}

/// Begins an attack that must be refused.
pub(crate) fn refused(id: &'static str) -> Attack {
    Attack::new(id, Verdict::Refused)
}

/// Begins a row that looks like an attack and must be accepted.
pub(crate) fn accepted(id: &'static str) -> Attack {
    Attack::new(id, Verdict::Accepted)
}

/// A row that a bearer resource server without this feature has nothing to do with.
pub(crate) fn not_applicable(id: &'static str, reason: &'static str) -> Attack {
    Attack::new(id, Verdict::NotApplicable(reason))
}

impl Attack {
    fn new(id: &'static str, verdict: Verdict) -> Self {
        Self { id, name: None, verdict, choice: None, batches: Vec::new(), scenes: Vec::new() }
    }

    /// Adds the description of one of our own attacks.
    pub(crate) fn own(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// Adds our decision and its reason.
    pub(crate) fn choice(self, choice: &'static str) -> Self {
        Self { choice: Some(choice), ..self }
    }

    /// Adds variants against an API in its usual setup.
    pub(crate) fn tokens(self, cases: fn(&Stage) -> Vec<Case>) -> Self {
        self.on(Setup::USUAL, cases)
    }

    /// Adds variants against an API in another setup.
    pub(crate) fn on(mut self, setup: Setup, cases: fn(&Stage) -> Vec<Case>) -> Self {
        self.batches.push(Batch { setup, cases, requests: None });
        self
    }

    /// Says how often the issuer may be asked because of the variants added last.
    pub(crate) fn asking(mut self, requests: u64) -> Self {
        self.batches.last_mut().expect("variants to say it of").requests = Some(requests);
        self
    }

    /// Adds a scene.
    pub(crate) fn scene(mut self, scene: Scene) -> Self {
        self.scenes.push(scene);
        self
    }
}

impl Case {
    /// A token that must be refused.
    pub(crate) fn refused(what: impl Into<String>, token: String, error: TokenError) -> Self {
        Self { what: what.into(), attempt: Attempt::Token(token), answer: Answer::Refused(error) }
    }

    /// A token that must be accepted: a control, which shows that it is the attack that is refused.
    pub(crate) fn accepted(what: impl Into<String>, token: String) -> Self {
        Self { what: what.into(), attempt: Attempt::Token(token), answer: Answer::Accepted }
    }

    /// A request and its answer.
    pub(crate) fn request(what: impl Into<String>, request: Request, answer: Answer) -> Self {
        Self { what: what.into(), attempt: Attempt::Request(request), answer }
    }
}

//! The audit hook: every decision, as it is made.

use std::fmt;
use std::sync::Arc;

use http::Method;

use crate::claims::Claims;
use crate::policy::{Denied, Principal, Requirement};
use crate::printable::{self, Printable};
use crate::rejection::{Reason, Rejection};

/// Receives every decision of a [`Validator`](crate::Validator): whom it let in, whom it refused, and why.
///
/// Set it with [`ValidatorBuilder::observer`](crate::ValidatorBuilder::observer). It is called on the request's own task:
/// what takes time belongs into a queue. A closure is an observer, and [`TracingObserver`] is one in the box. Without an
/// observer nothing is prepared for one.
///
/// Each decision is one event:
///
/// - a rule that is applied by a guard, a layer, a guarded service or a method of the validator, whether it holds or not.
///   Its checks are part of it, and so are their extractors: one that rejects the request is the reason
///   [`CheckRejected`](Reason::CheckRejected);
/// - a token that an extractor (`Claims`, `Option<Claims>`, `Result<Claims, Rejection>`, `Account`) or an optional layer
///   refuses. One that it accepts is no event, as nothing was asked of it.
///
/// A rule of a layer and the rule of a guard behind it are two decisions. A request that is given up before the decision,
/// by a client that hangs up, a timeout, or a check that panics, is none: nobody was let in, and nobody was refused.
/// Nor are `Claims::has`, `Claims::require`, `Account::has`, `Requirement::decide`, `Rule::decide`, `Validator::verify`,
/// `Validator::account` and functions with `#[requires(…, claims = …)]`: they answer the caller, who decides.
///
/// A check's extractor that returns a [`Rejection`] of this validator has told of it already, when that was made; one that was
/// made for another request, or by another rule, stands for the guard's decision, too.
///
/// ```
/// use kinde_perms::{AuditEvent, Validator};
///
/// let builder = Validator::builder("https://example.kinde.com", "api.example.com/v1")
///     .observer(|event: &AuditEvent<'_>| println!("{event}"));
/// # let _ = builder;
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Takes note of a decision.
    fn observe(&self, event: &AuditEvent<'_>);
}

impl<F: Fn(&AuditEvent<'_>) + Send + Sync + 'static> Observer for F {
    fn observe(&self, event: &AuditEvent<'_>) {
        self(event);
    }
}

/// An observer, shared by the clones of a validator.
#[derive(Clone)]
pub(crate) struct Watcher(Arc<dyn Observer>);

impl Watcher {
    pub(crate) fn new(observer: impl Observer) -> Self {
        Self(Arc::new(observer))
    }

    pub(crate) fn observe(&self, event: &AuditEvent<'_>) {
        self.0.observe(event);
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

/// The kinds of decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditVerdict {
    /// The request was let in.
    Allowed,
    /// It was refused: no token, a bad one, or one that does not meet the rule.
    Refused,
    /// It was refused because nothing could be decided: the fault is on this side.
    Undecided,
}

impl AuditVerdict {
    /// Returns it as a word: `allowed`, `refused`, `undecided`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
        }
    }
}

/// A decision, and what it was about. It knows nothing of the token but what it says, and that only once it is verified.
#[derive(Clone, Copy)]
pub struct AuditEvent<'a> {
    rule: Option<&'a Requirement>,
    refusal: Option<&'a Rejection>,
    claims: Option<&'a Claims>,
    pub(crate) method: Option<&'a Method>,
    pub(crate) route: Option<&'a str>,
    pub(crate) key_id: Option<&'a str>,
}

impl<'a> AuditEvent<'a> {
    pub(crate) const fn new(
        rule: Option<&'a Requirement>,
        claims: Option<&'a Claims>,
        refusal: Option<&'a Rejection>,
    ) -> Self {
        Self { rule, refusal, claims, method: None, route: None, key_id: None }
    }

    /// Returns the kind of decision.
    #[must_use]
    pub fn verdict(&self) -> AuditVerdict {
        match self.refusal {
            None => AuditVerdict::Allowed,
            Some(rejection) if rejection.status().is_server_error() => AuditVerdict::Undecided,
            Some(_) => AuditVerdict::Refused,
        }
    }

    /// Returns the rule, which displays in normal form; `None` if an extractor asked for a token and for nothing
    /// more, or the rule was read from text.
    #[must_use]
    pub fn rule(&self) -> Option<&'a Requirement> {
        self.rule
    }

    /// Returns why the request was refused.
    #[must_use]
    pub fn reason(&self) -> Option<&'a Reason> {
        self.refusal.map(Rejection::reason)
    }

    /// Returns the `code` of the refusal's body, such as `forbidden`; `check_rejected` if the body is that of a check's
    /// extractor.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.refusal.map(Rejection::code)
    }

    /// Returns what the token is missing, if that is why.
    #[must_use]
    pub fn missing(&self) -> Option<&'a Denied> {
        match self.reason() {
            Some(Reason::Denied(denied)) => Some(denied),
            _ => None,
        }
    }

    /// Returns the request's method; `None` where there is no request, or only its headers were given.
    #[must_use]
    pub fn method(&self) -> Option<&'a Method> {
        self.method
    }

    /// Returns the path of the route, with `{…}` for what varies; `None` outside of Axum's routes and in fallbacks.
    ///
    /// The route of a service that a `GuardedRouter` nests at `/files` is `/files/{*}`, as in the access list.
    #[must_use]
    pub fn route(&self) -> Option<&'a str> {
        self.route
    }

    /// Returns the user's id (`sub`) of a verified token.
    #[must_use]
    pub fn subject(&self) -> Option<&'a str> {
        self.claims.and_then(Claims::subject)
    }

    /// Returns the client (`azp`) of a verified token.
    #[must_use]
    pub fn client(&self) -> Option<&'a str> {
        self.claims.and_then(Claims::authorized_party)
    }

    /// Returns whom a verified token speaks for.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        self.claims.map(Claims::principal)
    }

    /// Returns the organisation (`org_code`) of a verified token.
    #[must_use]
    pub fn org_code(&self) -> Option<&'a str> {
        self.claims.and_then(Claims::org_code)
    }

    /// Returns the id (`jti`) of a verified token.
    #[must_use]
    pub fn token_id(&self) -> Option<&'a str> {
        self.claims.and_then(Claims::token_id)
    }

    /// Returns the id of the key that verified the token; `None` where the request's headers were not at hand.
    #[must_use]
    pub fn key_id(&self) -> Option<&'a str> {
        self.key_id
    }
}

/// One line: ``refused DELETE /todos/{id} by kp_1: token lacks role `admin` ``. Control characters and invisible ones are
/// written as `\u{…}`.
impl fmt::Display for AuditEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verdict().as_str())?;
        if let Some(method) = self.method {
            write!(f, " {method}")?;
        }
        if let Some(route) = self.route {
            write!(f, " {}", Printable(route))?;
        }
        if let Some(who) = self.subject().or_else(|| self.client()) {
            write!(f, " by {}", Printable(who))?;
        }
        match (self.reason(), self.rule) {
            (Some(reason), _) => write!(f, ": {reason}"),
            (None, Some(rule)) => write!(f, ": {rule}"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for AuditEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuditEvent").field(&format_args!("{self}")).finish()
    }
}

/// Writes every decision as a `tracing` event of the target `kinde_perms::audit`, at the level INFO.
///
/// The names of its fields are those of OpenTelemetry's semantic conventions where there is one: `http.request.method`,
/// `http.route`, `user.id`, `error.type` (the refusal's `code`). The others are `kinde_perms.verdict`, `.rule`, `.missing`,
/// and `kinde.client_id`, `.org_code`, `.token_id`, `.key_id`. What is not known is left out. Control characters and
/// invisible ones are written as `\u{…}`, so that no value fakes a line of the log.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingObserver;

impl TracingObserver {
    /// Makes one.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Observer for TracingObserver {
    fn observe(&self, event: &AuditEvent<'_>) {
        tracing::info!(
            target: "kinde_perms::audit",
            {
                "kinde_perms.verdict" = event.verdict().as_str(),
                "kinde_perms.rule" = event.rule().map(tracing::field::display),
                "kinde_perms.missing" = event.missing().map(tracing::field::display),
                "http.request.method" = event.method().map(Method::as_str),
                "http.route" = event.route().map(printable::line).as_deref(),
                "user.id" = event.subject().map(printable::line).as_deref(),
                "error.type" = event.code(),
                "kinde.client_id" = event.client().map(printable::line).as_deref(),
                "kinde.org_code" = event.org_code().map(printable::line).as_deref(),
                "kinde.token_id" = event.token_id().map(printable::line).as_deref(),
                "kinde.key_id" = event.key_id().map(printable::line).as_deref(),
            },
            "access decided"
        );
    }
}

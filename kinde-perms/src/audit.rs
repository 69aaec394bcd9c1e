//! The audit hook: an observer receives every decision when it is made.

use std::fmt;
use std::sync::Arc;

use http::Method;

use crate::claims::Claims;
use crate::policy::{Denied, Principal, Requirement};
use crate::printable::{self, Printable};
use crate::rejection::{Reason, Rejection};

/// Receives every decision of a [`Validator`](crate::Validator): who was let in, who was refused, and why.
///
/// Set it with [`ValidatorBuilder::observer`](crate::ValidatorBuilder::observer). It is called on the request's own task, so
/// put slow work into a queue. A closure is an observer; [`TracingObserver`] writes `tracing` events. Without an
/// observer no event is built.
///
/// Each decision is one event:
///
/// - a rule applied by a guard, a layer, a guarded service or a method of the validator, whether it holds or not. The rule's
///   checks and their extractors belong to the same decision: an extractor that rejects the request gives the reason
///   [`CheckRejected`](Reason::CheckRejected);
/// - a token refused by an extractor (`Claims`, `Option<Claims>`, `Result<Claims, Rejection>`, `Account`) or by an optional
///   layer. A token that these accept is no event, because no rule was decided.
///
/// A layer's rule and the rule of a guard behind it are two decisions. A request that ends before the decision (the client
/// hangs up, a timeout, a check panics) causes no event. `Claims::has`, `Claims::require`, `Account::has`,
/// `Requirement::decide`, `Rule::decide`, `Validator::verify`, `Validator::account` and functions with
/// `#[requires(…, claims = …)]` cause none either: their caller decides.
///
/// If a check's extractor returns a [`Rejection`] of this validator, the observer was called when that rejection was created,
/// and is not called again: the earlier event counts as the guard's decision, even if it was about another request or rule.
///
/// ```
/// use kinde_perms::{Validator, audit::AuditEvent};
///
/// let builder = Validator::builder("https://example.kinde.com", "api.example.com/v1")
///     .observer(|event: &AuditEvent<'_>| println!("{event}"));
/// # let _ = builder;
/// ```
pub trait Observer: Send + Sync + 'static {
    /// Receives a decision.
    fn observe(&self, event: &AuditEvent<'_>);
}

impl<F: Fn(&AuditEvent<'_>) + Send + Sync + 'static> Observer for F {
    fn observe(&self, event: &AuditEvent<'_>) {
        self(event);
    }
}

/// An observer, shared by the clones of a validator.
#[derive(Clone)]
pub(crate) struct SharedObserver(Arc<dyn Observer>);

impl SharedObserver {
    pub(crate) fn new(observer: impl Observer) -> Self {
        Self(Arc::new(observer))
    }

    pub(crate) fn observe(&self, event: &AuditEvent<'_>) {
        self.0.observe(event);
    }
}

impl fmt::Debug for SharedObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedObserver").finish_non_exhaustive()
    }
}

/// The kind of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditVerdict {
    /// The request was let in.
    Allowed,
    /// The request was refused: its token is missing, invalid, or does not meet the rule.
    Refused,
    /// The request was refused because no decision was possible. The fault is on the server's side.
    Undecided,
}

impl AuditVerdict {
    /// Returns `allowed`, `refused` or `undecided`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Undecided => "undecided",
        }
    }
}

/// A decision with its rule, request and caller. The caller is known only from a verified token.
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

    /// Returns the rule, which displays in normal form; `None` if an extractor asked only for a token, or the rule was read
    /// from text.
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

    /// Returns what the token lacks; `None` if the request was not refused for that reason.
    #[must_use]
    pub fn missing(&self) -> Option<&'a Denied> {
        match self.reason() {
            Some(Reason::Denied(denied)) => Some(denied),
            _ => None,
        }
    }

    /// Returns the request's method; `None` if there is no request, or only its headers are known.
    #[must_use]
    pub fn method(&self) -> Option<&'a Method> {
        self.method
    }

    /// Returns the path of the route, with `{…}` for its parameters; `None` outside of Axum's routes and in fallbacks.
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

    /// Returns the principal of a verified token: a user or a machine.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        self.claims.map(Claims::principal)
    }

    /// Returns the organization (`org_code`) of a verified token.
    #[must_use]
    pub fn org_code(&self) -> Option<&'a str> {
        self.claims.and_then(Claims::org_code)
    }

    /// Returns the id (`jti`) of a verified token.
    #[must_use]
    pub fn token_id(&self) -> Option<&'a str> {
        self.claims.and_then(Claims::token_id)
    }

    /// Returns the id of the key that verified the token; `None` if the request's headers are not known.
    #[must_use]
    pub fn key_id(&self) -> Option<&'a str> {
        self.key_id
    }
}

/// One line: ``refused DELETE /todos/{id} by kp_1: token lacks role `admin` ``. Control and invisible characters are
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
/// and `kinde.client_id`, `.org_code`, `.token_id`, `.key_id`. A field without a value is left out. Control and
/// invisible characters are written as `\u{…}`, so that no value can forge a line of the log.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingObserver;

impl TracingObserver {
    /// Creates the observer.
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

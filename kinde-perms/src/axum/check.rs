//! Rules about a resource: what `check = path` runs after the token's rule and before the handler's own extractors.

use std::any::type_name;
use std::error::Error;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use crate::claims::Claims;
use crate::policy::Requirement;
use crate::rejection::{Reason, Rejection};
use crate::validator::Validator;

/// What a check says about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a verdict that nobody looks at protects nothing"]
#[expect(clippy::exhaustive_enums, reason = "a check says one of these; there is no fourth answer")]
pub enum Verdict {
    /// The request may go on.
    Allow,
    /// The caller may know that the resource exists, but may not do this with it: 403.
    Deny,
    /// For this caller there is no such resource, whether it exists or not: 404.
    NotFound,
}

type BoxError = Box<dyn Error + Send + Sync>;

/// What a check may return: a [`Verdict`], or a result of one.
#[diagnostic::on_unimplemented(
    message = "a check returns `Verdict` or `Result<Verdict, E>`, not `{Self}`",
    label = "neither `Verdict` nor a `Result` of it",
    note = "`E` is any error type: what implements `std::error::Error`, a `String`, or a boxed error"
)]
pub trait Answer {
    /// Tells the verdict from the failure to reach one.
    ///
    /// # Errors
    /// The failure, which is answered 503 and never a grant.
    fn into_verdict(self) -> Result<Verdict, BoxError>;
}

impl Answer for Verdict {
    fn into_verdict(self) -> Result<Verdict, BoxError> {
        Ok(self)
    }
}

impl<E: Into<BoxError>> Answer for Result<Verdict, E> {
    fn into_verdict(self) -> Result<Verdict, BoxError> {
        self.map_err(Into::into)
    }
}

/// What came of a check: `Err` is the rejection of one of its extractors.
pub type Ran = Result<Result<Verdict, BoxError>, Response>;

/// A function with `#[check]`, which implements this for a type of the same name.
#[diagnostic::on_unimplemented(
    message = "the check `{Self}` cannot run before a handler whose state is `{S}`",
    label = "one of its arguments reads the body, or cannot be extracted with this state"
)]
pub trait Check<S>: 'static {
    /// The function's name.
    const NAME: &'static str;

    /// Extracts the arguments and calls the function.
    fn run(parts: &mut Parts, state: &S) -> impl Future<Output = Ran> + Send;
}

/// The paths of a handler's checks, which tell two of one name apart, wherever and as whatever they are imported.
pub trait CheckNames: 'static {
    /// Returns the path of each.
    fn names() -> Vec<&'static str>;
}

impl CheckNames for () {
    fn names() -> Vec<&'static str> {
        Vec::new()
    }
}

/// `#[check]` makes a type of the check's name beside the function, in a function's body too.
impl<First: 'static, Others: CheckNames> CheckNames for (First, Others) {
    fn names() -> Vec<&'static str> {
        let mut names = Others::names();
        names.push(type_name::<First>());
        names
    }
}

/// The checks of a handler: `()`, or one and those that follow it.
pub trait Checks<S>: 'static {
    /// Runs one after the other; the first that does not allow the request ends it.
    fn run(parts: &mut Parts, state: &S) -> impl Future<Output = Result<(), Objection>> + Send;
}

impl<S: Sync> Checks<S> for () {
    async fn run(_: &mut Parts, _: &S) -> Result<(), Objection> {
        Ok(())
    }
}

impl<S, First, Others> Checks<S> for (First, Others)
where
    S: Sync,
    First: Check<S>,
    Others: Checks<S>,
{
    async fn run(parts: &mut Parts, state: &S) -> Result<(), Objection> {
        let answer =
            First::run(parts, state).await.map_err(|response| Objection::of(First::NAME, response))?;
        judge(First::NAME, answer).map_err(Objection::Verdict)?;
        Others::run(parts, state).await
    }
}

/// The reason for which the checks of a rule refuse a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Objection {
    /// The verdict of a check, or its failure.
    Verdict(Reason),
    /// One of its extractors rejected the request.
    Extractor {
        /// The check's module path and name.
        check: &'static str,
        /// The extractor's own answer.
        response: Box<Response>,
    },
}

impl Objection {
    fn of(check: &'static str, response: Response) -> Self {
        Self::Extractor { check, response: Box::new(response) }
    }

    /// Tells the observer, once: an extractor of ours has told of its own refusal.
    pub(super) fn refuse(
        self,
        validator: &Validator,
        parts: &Parts,
        rule: &Requirement,
        claims: &Claims,
    ) -> GuardRejection {
        match self {
            Self::Verdict(reason) => validator.refuse_request(parts, rule, claims, reason).into(),
            Self::Extractor { check, response } => {
                if !validator.has_reported(&response) {
                    let reason = Reason::CheckRejected { check, status: response.status() };
                    validator.refuse_request(parts, rule, claims, reason);
                }
                GuardRejection(Refused::Extractor(response))
            }
        }
    }
}

fn judge(check: &'static str, answer: Result<Verdict, BoxError>) -> Result<(), Reason> {
    match answer {
        Ok(Verdict::Allow) => Ok(()),
        Ok(Verdict::Deny) => Err(Reason::CheckDenied { check }),
        Ok(Verdict::NotFound) => Err(Reason::CheckNotFound { check }),
        Err(error) => Err(Reason::CheckFailed { check, error: chain(&*error) }),
    }
}

/// An error and what caused it, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Extracts one argument of a check.
///
/// # Errors
/// The extractor's own rejection, as a response.
pub async fn extract<T, S>(parts: &mut Parts, state: &S) -> Result<T, Response>
where
    T: FromRequestParts<S>,
    S: Send + Sync,
{
    T::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)
}

/// Why a guard did not let a request through: a refusal, or the rejection of a check's own extractor.
#[derive(Debug)]
pub struct GuardRejection(Refused);

#[derive(Debug)]
enum Refused {
    Rule(Rejection),
    Extractor(Box<Response>),
}

impl GuardRejection {
    /// Returns the refusal; `None` if an extractor of a check has rejected the request.
    #[must_use]
    pub const fn rejection(&self) -> Option<&Rejection> {
        match &self.0 {
            Refused::Rule(rejection) => Some(rejection),
            Refused::Extractor(_) => None,
        }
    }
}

impl From<Rejection> for GuardRejection {
    fn from(rejection: Rejection) -> Self {
        Self(Refused::Rule(rejection))
    }
}

impl IntoResponse for GuardRejection {
    fn into_response(self) -> Response {
        match self.0 {
            Refused::Rule(rejection) => rejection.into_response(),
            Refused::Extractor(response) => *response,
        }
    }
}

/// No checks: the rule is one that a token alone decides.
#[diagnostic::on_unimplemented(
    message = "this handler's rule has a `check`, which a token alone cannot answer",
    label = "the rule needs a request",
    note = "send a request through the router, or extract the `Guard` from one"
)]
pub trait TokenOnly {}

impl TokenOnly for () {}

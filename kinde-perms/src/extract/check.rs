//! Checks: rules about a resource, named by `check = path`.
//!
//! A guard runs them after the token met the rule and before the handler's own extractors, in this order:
//!
//! 1. [`Checks::run`] runs the checks one after the other.
//! 2. [`Check::run`], which `#[check]` implements, extracts the arguments by [`extract`] and calls the function.
//! 3. [`IntoVerdict::into_verdict`] separates the verdict from an error.
//! 4. `enforce` turns everything but [`Verdict::Allow`] into a [`Reason`], which ends the run as a [`CheckRefusal`].
//! 5. [`CheckRefusal::report`] tells the observer and makes the [`GuardRejection`].

use std::any::type_name;
use std::error::Error;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use crate::claims::Claims;
use crate::policy::Requirement;
use crate::rejection::{Reason, Rejection};
use crate::validator::Validator;

/// The decision of a check about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a verdict that nobody looks at protects nothing"]
#[expect(clippy::exhaustive_enums, reason = "a check says one of these; there is no fourth answer")]
pub enum Verdict {
    /// The request may go on.
    Allow,
    /// 403: the caller may know that the resource exists, but may not do this with it.
    Deny,
    /// 404: the caller must not learn whether the resource exists.
    NotFound,
}

type BoxError = Box<dyn Error + Send + Sync>;

/// The return type of a check: a [`Verdict`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "a check returns `Verdict` or `Result<Verdict, E>`, not `{Self}`",
    label = "neither `Verdict` nor a `Result` of it",
    note = "`E` is any error type: what implements `std::error::Error`, a `String`, or a boxed error"
)]
pub trait IntoVerdict {
    /// Returns the verdict.
    ///
    /// # Errors
    /// The error of the check. It is answered by 503, and never a grant.
    fn into_verdict(self) -> Result<Verdict, BoxError>;
}

impl IntoVerdict for Verdict {
    fn into_verdict(self) -> Result<Verdict, BoxError> {
        Ok(self)
    }
}

impl<E: Into<BoxError>> IntoVerdict for Result<Verdict, E> {
    fn into_verdict(self) -> Result<Verdict, BoxError> {
        self.map_err(Into::into)
    }
}

/// The outcome of a check; the outer `Err` is the rejection of one of its extractors.
pub type CheckOutcome = Result<Result<Verdict, BoxError>, Response>;

/// A check; `#[check]` implements it for a type with the name of the function.
#[diagnostic::on_unimplemented(
    message = "the check `{Self}` cannot run before a handler whose state is `{S}`",
    label = "one of its arguments reads the body, or cannot be extracted with this state"
)]
pub trait Check<S>: 'static {
    /// The function's name.
    const NAME: &'static str;

    /// Extracts the arguments and calls the function.
    fn run(parts: &mut Parts, state: &S) -> impl Future<Output = CheckOutcome> + Send;
}

/// The paths of a handler's checks. Checks with the same name have different paths, regardless of imports.
pub trait CheckNames: 'static {
    /// Returns the path of each check.
    fn names() -> Vec<&'static str>;
}

impl CheckNames for () {
    fn names() -> Vec<&'static str> {
        Vec::new()
    }
}

/// The type that `#[check]` makes beside the function has the function's path, so `type_name` returns that path.
impl<First: 'static, Others: CheckNames> CheckNames for (First, Others) {
    fn names() -> Vec<&'static str> {
        let mut names = Others::names();
        names.push(type_name::<First>());
        names
    }
}

/// The checks of a handler: `()`, or one and those that follow it.
pub trait Checks<S>: 'static {
    /// Runs one check after the other, up to the first that does not allow the request.
    fn run(parts: &mut Parts, state: &S) -> impl Future<Output = Result<(), CheckRefusal>> + Send;
}

impl<S: Sync> Checks<S> for () {
    async fn run(_: &mut Parts, _: &S) -> Result<(), CheckRefusal> {
        Ok(())
    }
}

impl<S, First, Others> Checks<S> for (First, Others)
where
    S: Sync,
    First: Check<S>,
    Others: Checks<S>,
{
    async fn run(parts: &mut Parts, state: &S) -> Result<(), CheckRefusal> {
        let answer =
            First::run(parts, state).await.map_err(|response| CheckRefusal::of(First::NAME, response))?;
        enforce(First::NAME, answer).map_err(CheckRefusal::Verdict)?;
        Others::run(parts, state).await
    }
}

/// The reason why a check stops a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum CheckRefusal {
    /// The verdict of a check, or its failure.
    Verdict(Reason),
    /// An extractor of the check rejected the request.
    Extractor {
        /// The check's module path and name.
        check: &'static str,
        /// The extractor's own response.
        response: Box<Response>,
    },
}

impl CheckRefusal {
    fn of(check: &'static str, response: Response) -> Self {
        Self::Extractor { check, response: Box::new(response) }
    }

    /// Reports the refusal to the observer, unless it is a [`Rejection`] of this validator, which was reported when it was
    /// made.
    pub(super) fn report(
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
                GuardRejection(Cause::Extractor(response))
            }
        }
    }
}

fn enforce(check: &'static str, answer: Result<Verdict, BoxError>) -> Result<(), Reason> {
    match answer {
        Ok(Verdict::Allow) => Ok(()),
        Ok(Verdict::Deny) => Err(Reason::CheckDenied { check }),
        Ok(Verdict::NotFound) => Err(Reason::CheckNotFound { check }),
        Err(error) => Err(Reason::CheckFailed { check, error: chain(&*error) }),
    }
}

/// Writes an error and its sources in one line.
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

/// The error of a guard: a [`Rejection`], or the response of a check's extractor.
#[derive(Debug)]
pub struct GuardRejection(Cause);

#[derive(Debug)]
enum Cause {
    Rule(Rejection),
    Extractor(Box<Response>),
}

impl GuardRejection {
    /// Returns the refusal; `None` if an extractor of a check has rejected the request.
    #[must_use]
    pub const fn rejection(&self) -> Option<&Rejection> {
        match &self.0 {
            Cause::Rule(rejection) => Some(rejection),
            Cause::Extractor(_) => None,
        }
    }
}

impl From<Rejection> for GuardRejection {
    fn from(rejection: Rejection) -> Self {
        Self(Cause::Rule(rejection))
    }
}

impl IntoResponse for GuardRejection {
    fn into_response(self) -> Response {
        match self.0 {
            Cause::Rule(rejection) => rejection.into_response(),
            Cause::Extractor(response) => *response,
        }
    }
}

/// Implemented for `()`, a list without checks: a token alone decides such a rule.
#[diagnostic::on_unimplemented(
    message = "this handler's rule has a `check`, which a token alone cannot answer",
    label = "the rule needs a request",
    note = "send a request through the router, or extract the `Guard` from one"
)]
pub trait TokenOnly {}

impl TokenOnly for () {}

//! The guard: the hidden first argument of a handler.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::HasValidator;
use super::check::{CheckNames, Checks, GuardRejection, TokenOnly};
use crate::edge::Visibility;
use crate::{Rejection, Requirement, Validator};

/// Proof that a request, or a token, meets the rule `P` of a handler.
///
/// `#[requires(…)]` inserts the guard as a hidden first argument, so Axum runs it before every other extractor. A guard is
/// made in two ways, and both verify a token: from a request, and by [`Validator::grant`], for calling a handler directly.
pub struct Guard<P>(PhantomData<fn() -> P>);

impl<P> Guard<P> {
    /// Call only after `P` was checked.
    fn proven() -> Self {
        Self(PhantomData)
    }
}

impl<P: Policy> fmt::Debug for Guard<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guard").field(&format_args!("{}", P::REQUIREMENT)).finish()
    }
}

impl<S, P> FromRequestParts<S> for Guard<P>
where
    S: HasValidator + Send + Sync,
    P: Policy,
    P::Checks: Checks<S>,
{
    type Rejection = GuardRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let validator = state.validator();
        let claims = validator.admit_before_checks(parts, &P::REQUIREMENT, Visibility::Internal).await?;
        if let Err(refusal) = P::Checks::run(parts, state).await {
            return Err(refusal.report(&validator, parts, &P::REQUIREMENT, &claims));
        }
        validator.record_grant(parts, &P::REQUIREMENT, &claims);
        Ok(Self::proven())
    }
}

impl Validator {
    /// Verifies a token and applies a handler's rule, for calling the handler directly.
    ///
    /// The rule is inferred from the handler: `create_todo(validator.grant(&token).await?, claims, Json(todo)).await`.
    /// A rule with a `check` needs a request: extract the [`Guard`] from one.
    ///
    /// # Errors
    /// The refusal that a request with this token would get.
    #[must_use = "a refusal that is dropped stops nobody: call the handler with `validator.grant(&token).await?`"]
    pub async fn grant<P>(&self, token: &str) -> Result<Guard<P>, Rejection>
    where
        P: Policy,
        P::Checks: TokenOnly,
    {
        let verified = self.verify(token).await;
        let claims = verified.map_err(|error| self.refuse(error.into(), &P::REQUIREMENT))?;
        self.authorize_with_token(&claims, &P::REQUIREMENT, token).await?;
        Ok(Guard::proven())
    }
}

/// The rule of one handler; `#[requires(…)]` implements it for a marker type beside the handler.
pub trait Policy: 'static {
    /// The requirement on the token.
    const REQUIREMENT: Requirement;
    /// Where the handler is written.
    const SOURCE: Source;
    /// The checks that run once the token meets the requirement.
    type Checks: CheckNames;
}

/// A handler that is public on purpose; `#[public(…)]` implements it for a marker type beside the handler.
pub trait PublicHandler: 'static {
    /// Why the handler is public.
    const REASON: &'static str;
    /// Where the handler is written.
    const SOURCE: Source;
}

/// Where a handler is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "macro output of the pinned macro crate builds it")]
pub struct Source {
    /// Module path and name.
    pub name: &'static str,
    /// The file, as the compiler names it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

/// The hidden first argument of a handler that is public on purpose.
pub struct Public<P>(PhantomData<fn() -> P>);

/// Nothing is required, so a direct call needs no token: `health(Default::default()).await`.
impl<P: PublicHandler> Default for Public<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<P: PublicHandler> fmt::Debug for Public<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Public").field(&P::REASON).finish()
    }
}

impl<S, P> FromRequestParts<S> for Public<P>
where
    S: Send + Sync,
    P: PublicHandler,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::default())
    }
}

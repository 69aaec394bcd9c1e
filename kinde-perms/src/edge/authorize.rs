//! Authentication and authorization of requests, tokens and claims; every decision is reported to the observer.
//!
//! A guard or a layer does three steps:
//!
//! 1. `identify` (see `caller`) verifies the bearer token, and waits only if its key has to be fetched.
//! 2. `decide_for` decides the rule from the claims. Only a live rule that the claims leave open asks Kinde's Account API.
//! 3. `observe` reports the decision, once. A guard with checks reports after the checks: by `record_grant` or
//!    `refuse_request`.
//!
//! The public methods of [`Validator`] are combinations of these; [`DecisionContext`] says what is known for the report.

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Extensions, HeaderMap};

use super::bearer;
use super::caller::{Identified, Visibility, identify, remember};
#[cfg(feature = "account-api")]
use crate::account::Account;
use crate::audit::AuditEvent;
use crate::claims::Claims;
#[cfg(feature = "account-api")]
use crate::policy::{AnyRule, Outcome};
use crate::policy::{Decision, Requirement};
use crate::rejection::{Reason, Rejection};
use crate::validator::Validator;

/// The edge of a service, for frameworks that use the `http` crate's types. The Axum extractors and the tower layer call
/// these methods.
impl Validator {
    /// Applies a rule to a request.
    ///
    /// `admit` verifies the token, unless this validator has already done so, and keeps the claims in the request's
    /// extensions.
    ///
    /// # Errors
    /// The refusal. Answer the request with [`Rejection::to_response`].
    #[must_use = "a refusal that is dropped stops nobody: answer with it, or write `?`"]
    pub async fn admit(&self, parts: &mut Parts, requirement: &Requirement) -> Result<Claims, Rejection> {
        let claims = self.admit_before_checks(parts, requirement, Visibility::Everyone).await?;
        self.record_grant(parts, requirement, &claims);
        Ok(claims)
    }

    /// As [`admit`](Self::admit), but without reporting a grant: the caller runs the checks, then calls
    /// [`record_grant`](Self::record_grant).
    pub(crate) async fn admit_before_checks(
        &self,
        parts: &mut Parts,
        requirement: &Requirement,
        visibility: Visibility,
    ) -> Result<Claims, Rejection> {
        let verified = self.identify(&parts.headers, &mut parts.extensions, visibility).await;
        let context = DecisionContext::request(parts, requirement);
        let claims = match verified {
            Ok(claims) => claims,
            Err(rejection) => return Err(self.refused(context, None, rejection)),
        };
        match self.decide_for(&claims, requirement, || bearer_token(&parts.headers)).await {
            Ok(()) => Ok(claims),
            Err(rejection) => Err(self.refused(context, Some(&claims), rejection)),
        }
    }

    /// Reports a grant to the observer.
    pub(crate) fn record_grant(&self, parts: &Parts, requirement: &Requirement, claims: &Claims) {
        self.observe(DecisionContext::request(parts, requirement), Some(claims), None);
    }

    /// Verifies a request's bearer token, unless this validator has already done so, and keeps the claims in the request's
    /// extensions.
    ///
    /// # Errors
    /// The refusal. Answer the request with [`Rejection::to_response`].
    #[must_use = "a refusal that is dropped stops nobody: answer with it, or write `?`"]
    pub async fn authenticate(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> Result<Claims, Rejection> {
        self.authenticate_with(headers, extensions, Visibility::Everyone).await
    }

    /// As [`authenticate`](Self::authenticate), but the claims have the given visibility.
    pub(crate) async fn authenticate_with(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
        visibility: Visibility,
    ) -> Result<Claims, Rejection> {
        let verified = self.identify(headers, extensions, visibility).await;
        verified.map_err(|rejection| self.refused(DecisionContext::headers(headers), None, rejection))
    }

    /// As [`authenticate`](Self::authenticate), but returns `None` for a request without an Authorization header.
    ///
    /// # Errors
    /// The refusal of a header that is malformed or holds an invalid token.
    #[must_use = "a refusal that is dropped stops nobody: answer with it, or write `?`"]
    pub async fn authenticate_if_present(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> Result<Option<Claims>, Rejection> {
        self.authenticate_if_present_with(headers, extensions, Visibility::Everyone).await
    }

    /// As [`authenticate_if_present`](Self::authenticate_if_present), but the claims have the given visibility.
    pub(crate) async fn authenticate_if_present_with(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
        visibility: Visibility,
    ) -> Result<Option<Claims>, Rejection> {
        if !headers.contains_key(AUTHORIZATION) {
            return Ok(None);
        }
        self.authenticate_with(headers, extensions, visibility).await.map(Some)
    }

    /// Applies a rule to verified claims.
    ///
    /// # Errors
    /// The refusal, with the missing rights.
    #[must_use = "a refusal that is dropped stops nobody: write `validator.authorize(&claims, &rule)?`"]
    pub fn authorize(&self, claims: &Claims, requirement: &Requirement) -> Result<(), Rejection> {
        self.observed(DecisionContext::rule(Some(requirement)), claims, self.decide(claims, requirement))
    }

    /// Verifies a token and decides a rule of any kind; asks Kinde only if the token leaves the rule open.
    ///
    /// ```no_run
    /// # #[cfg(feature = "macros")]
    /// # async fn check(validator: kinde_perms::Validator, token: &str) -> Result<(), kinde_perms::Rejection> {
    /// let rule = kinde_perms::requirement!(any(roles = ["owner"], billing_entitlements = ["Pro plan"]));
    /// let claims = validator.authorize_token(token, &rule).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The refusal that a request with this token would get.
    #[cfg(feature = "account-api")]
    #[must_use = "a refusal that is dropped stops nobody: write `validator.authorize_token(&token, &rule).await?`"]
    pub async fn authorize_token<R: AnyRule>(&self, token: &str, rule: &R) -> Result<Claims, Rejection> {
        let context = DecisionContext::rule(rule.as_requirement());
        let verified = self.verify(token).await;
        let claims = verified.map_err(|error| self.refused(context, None, self.reject(error.into())))?;
        let decision = self.decide_for(&claims, rule, || Ok(token)).await;
        self.observed(context, &claims, decision).map(|()| claims)
    }

    /// Verifies a request's bearer token and returns the user's account.
    ///
    /// # Errors
    /// The refusal, as of [`authenticate`](Self::authenticate).
    #[cfg(feature = "account-api")]
    pub async fn authenticate_account(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> Result<Account, Rejection> {
        let claims = self.authenticate_with(headers, extensions, Visibility::Internal).await?;
        let token = bearer_token(headers).map_err(|reason| self.reject(reason))?;
        Ok(self.account_of(claims, token))
    }

    async fn identify(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
        visibility: Visibility,
    ) -> Result<Claims, Rejection> {
        match identify(self, headers, extensions, visibility) {
            Identified::Now(result) => result.map_err(|reason| self.reject(reason)),
            // Boxed, so that the futures of all other requests stay small.
            Identified::Later(header, pending) => {
                let claims = Box::pin(self.verify_after_fetch(*pending)).await;
                let claims = claims.map_err(|error| self.reject(error.into()))?;
                remember(self, extensions, header, &claims, visibility);
                Ok(claims)
            }
        }
    }

    fn decide(&self, claims: &Claims, requirement: &Requirement) -> Result<(), Rejection> {
        match requirement.decide(claims) {
            Decision::Allow => Ok(()),
            Decision::Deny(denied) => Err(self.reject(Reason::Denied(denied))),
        }
    }

    /// Decides a rule; asks Kinde, with the caller's own token, if the claims leave the rule open.
    #[cfg(feature = "account-api")]
    async fn decide_for<'t, R: AnyRule>(
        &self,
        claims: &Claims,
        rule: &R,
        token: impl FnOnce() -> Result<&'t str, Reason>,
    ) -> Result<(), Rejection> {
        match rule.as_rule_ref().outcome(claims) {
            Outcome::Holds => return Ok(()),
            Outcome::Fails => return Err(self.reject(Reason::Denied(rule.as_rule_ref().denied(claims)))),
            Outcome::Open(_) => {}
        }
        let token = token().map_err(|reason| self.reject(reason))?;
        match Box::pin(self.account_of(claims.clone(), token).decide(rule)).await {
            Ok(Decision::Allow) => Ok(()),
            Ok(Decision::Deny(denied)) => Err(self.reject(Reason::Denied(denied))),
            Err(error) => Err(self.reject(error.into())),
        }
    }

    #[cfg(not(feature = "account-api"))]
    #[expect(clippy::unused_async, reason = "with the Account API it waits")]
    async fn decide_for<'t>(
        &self,
        claims: &Claims,
        requirement: &Requirement,
        _: impl FnOnce() -> Result<&'t str, Reason>,
    ) -> Result<(), Rejection> {
        self.decide(claims, requirement)
    }

    /// Applies a handler's rule to the verified claims of a token that came without a request.
    #[cfg(feature = "axum")]
    pub(crate) async fn authorize_with_token(
        &self,
        claims: &Claims,
        requirement: &Requirement,
        token: &str,
    ) -> Result<(), Rejection> {
        let decision = self.decide_for(claims, requirement, || Ok(token)).await;
        self.observed(DecisionContext::rule(Some(requirement)), claims, decision)
    }

    /// Refuses a request because of a check. Its token meets the rule.
    #[cfg(feature = "axum")]
    pub(crate) fn refuse_request(
        &self,
        parts: &Parts,
        rule: &Requirement,
        claims: &Claims,
        reason: Reason,
    ) -> Rejection {
        self.refused(DecisionContext::request(parts, rule), Some(claims), self.reject(reason))
    }

    /// Refuses a token that came without a request.
    #[cfg(feature = "axum")]
    pub(crate) fn refuse(&self, reason: Reason, requirement: &Requirement) -> Rejection {
        self.refused(DecisionContext::rule(Some(requirement)), None, self.reject(reason))
    }

    fn observed(
        &self,
        context: DecisionContext<'_>,
        claims: &Claims,
        decision: Result<(), Rejection>,
    ) -> Result<(), Rejection> {
        self.observe(context, Some(claims), decision.as_ref().err());
        decision
    }

    fn refused(
        &self,
        context: DecisionContext<'_>,
        claims: Option<&Claims>,
        rejection: Rejection,
    ) -> Rejection {
        self.observe(context, claims, Some(&rejection));
        rejection
    }

    fn observe(&self, context: DecisionContext<'_>, claims: Option<&Claims>, refusal: Option<&Rejection>) {
        let Some(observer) = self.observer() else { return };
        // The key id in a token is trusted only after that key verified the token.
        let token =
            context.headers.filter(|_| claims.is_some()).and_then(|headers| bearer_token(headers).ok());
        let key_id = token.and_then(|token| self.key_id(token));
        let mut event = AuditEvent::new(context.rule, claims, refusal);
        event.method = context.parts.map(|parts| &parts.method);
        event.route = context.parts.and_then(|parts| matched_path(&parts.extensions));
        event.key_id = key_id.as_deref();
        observer.observe(&event);
    }
}

/// The request and the rule of a decision, as far as they are known, for the observer.
#[derive(Clone, Copy)]
struct DecisionContext<'a> {
    headers: Option<&'a HeaderMap>,
    parts: Option<&'a Parts>,
    rule: Option<&'a Requirement>,
}

impl<'a> DecisionContext<'a> {
    fn request(parts: &'a Parts, rule: &'a Requirement) -> Self {
        Self { headers: Some(&parts.headers), parts: Some(parts), rule: Some(rule) }
    }

    fn headers(headers: &'a HeaderMap) -> Self {
        Self { headers: Some(headers), parts: None, rule: None }
    }

    fn rule(rule: Option<&'a Requirement>) -> Self {
        Self { headers: None, parts: None, rule }
    }
}

/// Returns the bearer token of a request, verified or not.
fn bearer_token(headers: &HeaderMap) -> Result<&str, Reason> {
    bearer::candidate(headers).and_then(|(_, candidate)| bearer::token(candidate))
}

/// The path of a route, in the request's extensions, where Axum leaves no `MatchedPath`.
#[cfg(feature = "axum")]
#[derive(Clone)]
pub(crate) struct RouteName(pub(crate) String);

/// Returns the path of the route, from the request's extensions.
#[cfg(feature = "axum")]
fn matched_path(extensions: &Extensions) -> Option<&str> {
    let named = extensions.get::<RouteName>().map(|RouteName(path)| &**path);
    named.or_else(|| extensions.get::<axum::extract::MatchedPath>().map(axum::extract::MatchedPath::as_str))
}

#[cfg(not(feature = "axum"))]
fn matched_path(_: &Extensions) -> Option<&str> {
    None
}

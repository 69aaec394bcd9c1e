//! Rules applied to requests, tokens and claims, and the observer told of it.

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Extensions, HeaderMap};

use super::bearer;
use super::caller::{Identified, Telling, identify, remember};
#[cfg(feature = "account-api")]
use crate::account::Account;
use crate::audit::AuditEvent;
use crate::claims::Claims;
#[cfg(feature = "account-api")]
use crate::policy::{AnyRule, Outcome};
use crate::policy::{Decision, Requirement};
use crate::rejection::{Reason, Rejection};
use crate::validator::Validator;

/// The edge of a service, for frameworks that speak the `http` crate's types; the Axum extractors and the tower layer are
/// made of these.
impl Validator {
    /// Applies a rule to a request: its token is verified, unless this validator has already done so, and the claims are
    /// remembered in the request's extensions.
    ///
    /// # Errors
    /// The refusal, to be answered with [`Rejection::to_response`].
    #[must_use = "a refusal that is dropped stops nobody: answer with it, or write `?`"]
    pub async fn admit(&self, parts: &mut Parts, requirement: &Requirement) -> Result<Claims, Rejection> {
        let claims = self.admit_so_far(parts, requirement, Telling::Everyone).await?;
        self.let_in(parts, requirement, &claims);
        Ok(claims)
    }

    /// As [`admit`](Self::admit), but that the request is let in is for the caller to [tell](Self::let_in).
    pub(crate) async fn admit_so_far(
        &self,
        parts: &mut Parts,
        requirement: &Requirement,
        telling: Telling,
    ) -> Result<Claims, Rejection> {
        let verified = self.identify(&parts.headers, &mut parts.extensions, telling).await;
        let about = About::request(parts, requirement);
        let claims = match verified {
            Ok(claims) => claims,
            Err(rejection) => return Err(self.refused(about, None, rejection)),
        };
        match self.decide_for(&claims, requirement, || bearer_of(&parts.headers)).await {
            Ok(()) => Ok(claims),
            Err(rejection) => Err(self.refused(about, Some(&claims), rejection)),
        }
    }

    /// Tells the observer that nothing stands in a request's way.
    pub(crate) fn let_in(&self, parts: &Parts, requirement: &Requirement, claims: &Claims) {
        self.observe(About::request(parts, requirement), Some(claims), None);
    }

    /// Verifies a request's bearer token, unless this validator has already done so, and remembers the claims in the
    /// request's extensions.
    ///
    /// # Errors
    /// The refusal, to be answered with [`Rejection::to_response`].
    #[must_use = "a refusal that is dropped stops nobody: answer with it, or write `?`"]
    pub async fn authenticate(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> Result<Claims, Rejection> {
        self.find_out(headers, extensions, Telling::Everyone).await
    }

    /// As [`authenticate`](Self::authenticate), and leaves the claims for whom it is told.
    pub(crate) async fn find_out(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
        telling: Telling,
    ) -> Result<Claims, Rejection> {
        let verified = self.identify(headers, extensions, telling).await;
        verified.map_err(|rejection| self.refused(About::headers(headers), None, rejection))
    }

    /// As [`authenticate`](Self::authenticate), but a request without an Authorization header is nobody's, and not
    /// refused.
    ///
    /// # Errors
    /// The refusal of a header that is there and not good.
    #[must_use = "a refusal that is dropped stops nobody: answer with it, or write `?`"]
    pub async fn authenticate_if_present(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> Result<Option<Claims>, Rejection> {
        self.find_out_if_present(headers, extensions, Telling::Everyone).await
    }

    /// As [`authenticate_if_present`](Self::authenticate_if_present), and leaves the claims for whom it is told.
    pub(crate) async fn find_out_if_present(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
        telling: Telling,
    ) -> Result<Option<Claims>, Rejection> {
        if !headers.contains_key(AUTHORIZATION) {
            return Ok(None);
        }
        self.find_out(headers, extensions, telling).await.map(Some)
    }

    /// Applies a rule to verified claims.
    ///
    /// # Errors
    /// The refusal, with what is missing.
    #[must_use = "a refusal that is dropped stops nobody: write `validator.authorize(&claims, &rule)?`"]
    pub fn authorize(&self, claims: &Claims, requirement: &Requirement) -> Result<(), Rejection> {
        self.observed(About::rule(Some(requirement)), claims, self.decide(claims, requirement))
    }

    /// Verifies a token and decides a rule of any kind; asks Kinde only if the token leaves the answer open.
    ///
    /// ```no_run
    /// # #[cfg(feature = "macros")]
    /// # async fn check(validator: kinde_perms::Validator, token: &str) -> Result<(), kinde_perms::Rejection> {
    /// let rule = kinde_perms::requirement!(any(roles = ["owner"], billing_entitlements = ["Pro plan"]));
    /// let claims = validator.check(token, &rule).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What a request with this token would be refused with.
    #[cfg(feature = "account-api")]
    #[must_use = "a refusal that is dropped stops nobody: write `validator.check(&token, &rule).await?`"]
    pub async fn check<R: AnyRule>(&self, token: &str, rule: &R) -> Result<Claims, Rejection> {
        let about = About::rule(rule.constant());
        let verified = self.verify(token).await;
        let claims = verified.map_err(|error| self.refused(about, None, self.reject(error.into())))?;
        let decision = self.decide_for(&claims, rule, || Ok(token)).await;
        self.observed(about, &claims, decision).map(|()| claims)
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
        let claims = self.find_out(headers, extensions, Telling::Ourselves).await?;
        let token = bearer_of(headers).map_err(|reason| self.reject(reason))?;
        Ok(self.account_of(claims, token))
    }

    async fn identify(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
        telling: Telling,
    ) -> Result<Claims, Rejection> {
        match identify(self, headers, extensions, telling) {
            Identified::Now(result) => result.map_err(|reason| self.reject(reason)),
            // On the heap, because every request would otherwise carry the room that only this needs.
            Identified::Later(header, pending) => {
                let claims = Box::pin(self.verify_after_fetch(*pending)).await;
                let claims = claims.map_err(|error| self.reject(error.into()))?;
                remember(self, extensions, header, &claims, telling);
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

    /// Decides a rule, and asks Kinde with the bearer's own token if the claims leave the answer open.
    #[cfg(feature = "account-api")]
    async fn decide_for<'t, R: AnyRule>(
        &self,
        claims: &Claims,
        rule: &R,
        token: impl FnOnce() -> Result<&'t str, Reason>,
    ) -> Result<(), Rejection> {
        match rule.lent().outcome(claims) {
            Outcome::Holds => return Ok(()),
            Outcome::Fails => return Err(self.reject(Reason::Denied(rule.lent().denied(claims)))),
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

    /// Applies a handler's rule to the claims of a token that stands in no request.
    #[cfg(feature = "axum")]
    pub(crate) async fn authorize_token(
        &self,
        claims: &Claims,
        requirement: &Requirement,
        token: &str,
    ) -> Result<(), Rejection> {
        let decision = self.decide_for(claims, requirement, || Ok(token)).await;
        self.observed(About::rule(Some(requirement)), claims, decision)
    }

    /// Refuses a request whose token meets the rule, because of a check.
    #[cfg(feature = "axum")]
    pub(crate) fn refuse_request(
        &self,
        parts: &Parts,
        rule: &Requirement,
        claims: &Claims,
        reason: Reason,
    ) -> Rejection {
        self.refused(About::request(parts, rule), Some(claims), self.reject(reason))
    }

    /// Refuses what is not a request.
    #[cfg(feature = "axum")]
    pub(crate) fn refuse(&self, reason: Reason, requirement: &Requirement) -> Rejection {
        self.refused(About::rule(Some(requirement)), None, self.reject(reason))
    }

    fn observed(
        &self,
        about: About<'_>,
        claims: &Claims,
        decision: Result<(), Rejection>,
    ) -> Result<(), Rejection> {
        self.observe(about, Some(claims), decision.as_ref().err());
        decision
    }

    fn refused(&self, about: About<'_>, claims: Option<&Claims>, rejection: Rejection) -> Rejection {
        self.observe(about, claims, Some(&rejection));
        rejection
    }

    fn observe(&self, about: About<'_>, claims: Option<&Claims>, refusal: Option<&Rejection>) {
        let Some(observer) = self.observer() else { return };
        // What a token says of its key is believed once that key has verified it.
        let token = about.headers.filter(|_| claims.is_some()).and_then(|headers| bearer_of(headers).ok());
        let key_id = token.and_then(|token| self.key_id(token));
        let mut event = AuditEvent::new(about.rule, claims, refusal);
        event.method = about.parts.map(|parts| &parts.method);
        event.route = about.parts.and_then(|parts| matched_path(&parts.extensions));
        event.key_id = key_id.as_deref();
        observer.observe(&event);
    }
}

/// What a decision is about, as far as it is at hand.
#[derive(Clone, Copy)]
struct About<'a> {
    headers: Option<&'a HeaderMap>,
    parts: Option<&'a Parts>,
    rule: Option<&'a Requirement>,
}

impl<'a> About<'a> {
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

/// The bearer token of a request, whatever has been found out about it.
fn bearer_of(headers: &HeaderMap) -> Result<&str, Reason> {
    bearer::candidate(headers).and_then(|(_, candidate)| bearer::token(candidate))
}

/// The path of a route for which Axum leaves no `MatchedPath` in the request's extensions.
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

//! One verification per request and validator, shared by guards, extractors and layers.
//!
//! What layers verify is left in the request's extensions, where anyone finds it. Guards and extractors leave there only
//! what would cost a verification to find out again: a token that the cache knows is looked up again in less time than it
//! takes to make room in the extensions.

use std::iter::successors;
use std::ptr;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue};

use super::bearer;
#[cfg(feature = "account-api")]
use crate::account::Account;
use crate::audit::AuditEvent;
use crate::claims::Claims;
#[cfg(feature = "account-api")]
use crate::policy::{AnyRule, Outcome};
use crate::policy::{Decision, Requirement};
use crate::rejection::{Reason, Rejection};
use crate::validator::{Validator, ValidatorId};

/// What one validator has verified of a request; the type is private, so nothing outside can plant claims.
///
/// Two nested routers may stand for two audiences. Each validator therefore trusts only its own entry, and entries are
/// added, never replaced or removed: what runs later finds all of them. An entry is good for the header it was made
/// from: a middleware that exchanges the token exchanges the caller.
#[derive(Clone)]
struct Verified {
    validator: ValidatorId,
    header: HeaderValue,
    claims: Claims,
    /// Whether [`Claims::of`] tells.
    told: bool,
    earlier: Option<Box<Verified>>,
}

/// For whom claims are left in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// For everyone: [`Claims::of`] tells.
    Everyone,
    /// For the guards and extractors of the same validator, which may as well ask the cache.
    #[cfg(any(feature = "axum", feature = "account-api"))]
    Ourselves,
}

impl Verified {
    fn by(&self, validator: ValidatorId, header: &HeaderValue) -> Option<&Self> {
        if self.validator == validator && is_same(&self.header, header) {
            return Some(self);
        }
        self.earlier.as_ref().and_then(|earlier| earlier.by(validator, header))
    }
}

impl Claims {
    /// Returns the claims that a layer has verified last on this request, or a method of [`Validator`] that says so.
    ///
    /// This is how a middleware behind `tower::AuthLayer` learns who is calling. Where routers with different validators
    /// nest, they are those of the validator that ran last; guards never rely on that. What runs behind a guard extracts
    /// `Claims` in place of this: a guard leaves nothing here.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        let mut chain = successors(extensions.get::<Verified>(), |verified| verified.earlier.as_deref());
        chain.find(|verified| verified.told).map(|verified| &verified.claims)
    }
}

/// Who is calling, as far as that can be told without waiting.
enum Identified {
    Now(Result<Claims, Reason>),
    /// The key is not known yet: the token has to wait for a fetch.
    Later,
}

/// The edge of a service, for frameworks that speak the `http` crate's types; the Axum extractors and the tower layer are
/// made of these.
impl Validator {
    /// Applies a rule to a request: its token is verified, unless this validator has already done so, and the claims are
    /// remembered in the request's extensions.
    ///
    /// # Errors
    /// The refusal, to be answered with [`Rejection::to_response`].
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
            Identified::Later => Box::pin(self.identify_later(headers, extensions, telling)).await,
        }
    }

    async fn identify_later(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
        telling: Telling,
    ) -> Result<Claims, Rejection> {
        let found =
            bearer::candidate(headers).and_then(|(header, found)| Ok((header, bearer::token(found)?)));
        let (header, token) = found.map_err(|reason| self.reject(reason))?;
        let claims = self.verify(token).await.map_err(|error| self.reject(error.into()))?;
        remember(self, extensions, header, &claims, telling);
        Ok(claims)
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

    /// Refuses a request that a check did not allow.
    #[cfg(feature = "axum")]
    pub(crate) fn refuse_request(&self, parts: &Parts, rule: &Requirement, reason: Reason) -> Rejection {
        let claims = self.known(parts);
        self.refused(About::request(parts, rule), claims.as_ref(), self.reject(reason))
    }

    /// Refuses what is not a request.
    #[cfg(feature = "axum")]
    pub(crate) fn refuse(&self, reason: Reason, requirement: &Requirement) -> Rejection {
        self.refused(About::rule(Some(requirement)), None, self.reject(reason))
    }

    /// Returns what is known of who sends a request, without verifying anything.
    #[cfg(feature = "axum")]
    fn known(&self, parts: &Parts) -> Option<Claims> {
        let (header, candidate) = bearer::candidate(&parts.headers).ok()?;
        match remembered(self, &parts.extensions, header) {
            Some(verified) => Some(verified.claims.clone()),
            None => self.recall(candidate),
        }
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

/// The path of Axum's route, which Axum leaves in the request's extensions.
#[cfg(feature = "axum")]
fn matched_path(extensions: &Extensions) -> Option<&str> {
    extensions.get::<axum::extract::MatchedPath>().map(axum::extract::MatchedPath::as_str)
}

#[cfg(not(feature = "axum"))]
fn matched_path(_: &Extensions) -> Option<&str> {
    None
}

/// The part of an authentication that never waits.
fn identify(
    validator: &Validator,
    headers: &HeaderMap,
    extensions: &mut Extensions,
    telling: Telling,
) -> Identified {
    let (header, candidate) = match bearer::candidate(headers) {
        Ok(found) => found,
        Err(reason) => return Identified::Now(Err(reason)),
    };
    if let Some(verified) = remembered(validator, extensions, header) {
        let (claims, told) = (verified.claims.clone(), verified.told);
        if telling == Telling::Everyone && !told {
            remember(validator, extensions, header, &claims, telling);
        }
        return Identified::Now(Ok(claims));
    }
    // What equals a token that was verified has the form of one.
    if let Some(claims) = validator.recall(candidate) {
        if telling == Telling::Everyone || !validator.recalls_at_once() {
            remember(validator, extensions, header, &claims, telling);
        }
        return Identified::Now(Ok(claims));
    }
    let identified = verify(validator, candidate);
    if let Identified::Now(Ok(claims)) = &identified {
        remember(validator, extensions, header, claims, telling);
    }
    identified
}

/// What this validator has verified, on this request, of this header.
fn remembered<'e>(
    validator: &Validator,
    extensions: &'e Extensions,
    header: &HeaderValue,
) -> Option<&'e Verified> {
    extensions.get::<Verified>().and_then(|verified| verified.by(validator.id(), header))
}

/// Tells whether two headers have the same value: nearly always they are the same bytes, which then need no look.
fn is_same(one: &HeaderValue, other: &HeaderValue) -> bool {
    ptr::eq(one.as_bytes(), other.as_bytes()) || one == other
}

/// Apart from its caller, so that what nearly every request runs through lies close together.
#[inline(never)]
fn verify(validator: &Validator, candidate: &[u8]) -> Identified {
    let Ok(token) = str::from_utf8(candidate) else { return Identified::Now(Err(Reason::InvalidRequest)) };
    match validator.verify_now(token) {
        None => Identified::Later,
        Some(Ok(claims)) => Identified::Now(Ok(claims)),
        // What was verified, or could be with another key, is made of the right characters. Of what is refused it has to
        // be told whether it looks like a token at all.
        Some(Err(error)) => Identified::Now(Err(bearer::token(candidate).err().unwrap_or(error.into()))),
    }
}

#[inline(never)]
fn remember(
    validator: &Validator,
    extensions: &mut Extensions,
    header: &HeaderValue,
    claims: &Claims,
    telling: Telling,
) {
    let (validator, header, claims) = (validator.id(), header.clone(), claims.clone());
    let told = telling == Telling::Everyone;
    let verified = Verified { validator, header, claims, told, earlier: None };
    let Some(earlier) = extensions.insert(verified) else { return };
    if let Some(verified) = extensions.get_mut::<Verified>() {
        verified.earlier = Some(Box::new(earlier));
    }
}

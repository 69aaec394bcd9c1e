//! One verification per request and validator, shared by guards, extractors and layers.

use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, HeaderValue};

use super::bearer;
use crate::claims::Claims;
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
    earlier: Option<Box<Verified>>,
}

impl Verified {
    fn by(&self, validator: ValidatorId, header: &HeaderValue) -> Option<&Claims> {
        if self.validator == validator && self.header == header {
            return Some(&self.claims);
        }
        self.earlier.as_ref().and_then(|earlier| earlier.by(validator, header))
    }
}

impl Claims {
    /// Returns the claims that a guard, an extractor or a layer has verified last on this request.
    ///
    /// This is how a middleware behind `tower::AuthLayer` learns who is calling. Where routers with different validators
    /// nest, they are those of the validator that ran last; guards never rely on that.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get::<Verified>().map(|verified| &verified.claims)
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
        match identify(self, headers, extensions) {
            Identified::Now(result) => result.map_err(|reason| self.reject(reason)),
            Identified::Later => self.authenticate_later(headers, extensions).await,
        }
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
        match identify(self, headers, extensions) {
            Identified::Now(Err(Reason::NoCredentials)) if !headers.contains_key(AUTHORIZATION) => Ok(None),
            Identified::Now(result) => result.map(Some).map_err(|reason| self.reject(reason)),
            Identified::Later => self.authenticate_later(headers, extensions).await.map(Some),
        }
    }

    /// Applies a rule to verified claims.
    ///
    /// # Errors
    /// The refusal, with what is missing.
    pub fn authorize(&self, claims: &Claims, requirement: &Requirement) -> Result<(), Rejection> {
        match requirement.decide(claims) {
            Decision::Allow => Ok(()),
            Decision::Deny(denied) => Err(self.reject(Reason::Denied(denied))),
        }
    }

    async fn authenticate_later(
        &self,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> Result<Claims, Rejection> {
        let found =
            bearer::candidate(headers).and_then(|(header, found)| Ok((header, bearer::token(found)?)));
        let (header, token) = found.map_err(|reason| self.reject(reason))?;
        let claims = self.verify(token).await.map_err(|error| self.reject(error.into()))?;
        remember(self, extensions, header, &claims);
        Ok(claims)
    }
}

/// The part of an authentication that never waits.
fn identify(validator: &Validator, headers: &HeaderMap, extensions: &mut Extensions) -> Identified {
    let (header, candidate) = match bearer::candidate(headers) {
        Ok(found) => found,
        Err(reason) => return Identified::Now(Err(reason)),
    };
    let verified = extensions.get::<Verified>().and_then(|verified| verified.by(validator.id(), header));
    if let Some(claims) = verified {
        return Identified::Now(Ok(claims.clone()));
    }
    let identified = verify(validator, candidate);
    if let Identified::Now(Ok(claims)) = &identified {
        remember(validator, extensions, header, claims);
    }
    identified
}

fn verify(validator: &Validator, candidate: &[u8]) -> Identified {
    // What equals a token that was verified has the form of one.
    if let Some(claims) = validator.recall(candidate) {
        return Identified::Now(Ok(claims));
    }
    match bearer::token(candidate).map(|token| validator.verify_now(token)) {
        Err(reason) => Identified::Now(Err(reason)),
        Ok(None) => Identified::Later,
        Ok(Some(result)) => Identified::Now(result.map_err(Reason::from)),
    }
}

fn remember(validator: &Validator, extensions: &mut Extensions, header: &HeaderValue, claims: &Claims) {
    let earlier = extensions.remove::<Verified>().map(Box::new);
    let (validator, header, claims) = (validator.id(), header.clone(), claims.clone());
    extensions.insert(Verified { validator, header, claims, earlier });
}

//! Authentication of a request: one verification per request and validator, shared by guards, extractors and layers.
//!
//! [`identify`] works in this order:
//!
//! 1. `bearer::candidate` takes the token's bytes from the one `Authorization` header.
//! 2. [`remembered`] looks in the request's extensions for the claims that this validator has verified for this header.
//! 3. `Validator::recall` looks for the token in the cache.
//! 4. [`verify`] verifies the token. A token whose key is unknown becomes [`Identified::Later`].
//! 5. [`remember`] adds the claims to the extensions as [`RequestClaims`].
//!
//! A layer always does step 5, because [`Claims::of`] reads the extensions. Guards and extractors skip it for a token in
//! the cache: looking the token up again is faster than allocating the extensions.

use std::iter::successors;
use std::ptr;

use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue, Request};

use super::bearer;
use crate::claims::Claims;
use crate::rejection::Reason;
use crate::validator::{Pending, Refusal, Validator, ValidatorId};

/// The claims that one validator has verified for one header, kept in the request's extensions.
///
/// The type is private, so no other crate can insert claims. Two nested routers may have two audiences, so a validator
/// trusts only the entries with its own id. Entries form a list by `earlier`; none is replaced or removed. An entry is
/// valid for its `header` only: a middleware that replaces the token thereby replaces the caller.
#[derive(Clone)]
struct RequestClaims {
    validator: ValidatorId,
    header: HeaderValue,
    claims: Claims,
    visibility: Visibility,
    earlier: Option<Box<RequestClaims>>,
}

/// The visibility of claims that are kept in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// Everyone: [`Claims::of`] returns the claims.
    Everyone,
    /// The guards and extractors of the same validator. They can also find the token in the cache.
    #[cfg(any(feature = "axum", feature = "account-api"))]
    Internal,
}

impl RequestClaims {
    fn by(&self, validator: ValidatorId, header: &HeaderValue) -> Option<&Self> {
        if self.validator == validator && is_same(&self.header, header) {
            return Some(self);
        }
        self.earlier.as_ref().and_then(|earlier| earlier.by(validator, header))
    }
}

impl Claims {
    /// Returns the claims that the last `tower::AuthLayer` verified on this request, or the last call of
    /// [`Validator::admit`] or [`Validator::authenticate`].
    ///
    /// A middleware behind the layer calls `Claims::of(&request)`, `Claims::of(&parts)` or
    /// `Claims::of((&headers, &extensions))`. The claims belong to the `Authorization` header that the request has now: after
    /// a middleware removed or replaced the header, `of` returns `None` until the new header is verified.
    ///
    /// Where routers with different validators nest, the claims are those of the validator that ran last; guards never
    /// rely on that. Guards leave no claims for `of`: a handler or a check behind a guard extracts `Claims`.
    #[must_use]
    pub fn of<'r>(request: impl RequestHead<'r>) -> Option<&'r Self> {
        let (headers, extensions) = request.head();
        let (header, _) = bearer::candidate(headers).ok()?;
        let mut chain = successors(extensions.get::<RequestClaims>(), |verified| verified.earlier.as_deref());
        let found = chain.find(|verified| {
            verified.visibility == Visibility::Everyone && is_same(&verified.header, header)
        });
        found.map(|verified| &verified.claims)
    }
}

/// The head of a request: its headers and extensions, as [`Claims::of`] takes them.
///
/// Implemented for `&Request<B>`, for `&Parts`, and for the pair `(&HeaderMap, &Extensions)`.
pub trait RequestHead<'r> {
    /// Returns the headers and the extensions.
    fn head(self) -> (&'r HeaderMap, &'r Extensions);
}

impl<'r, B> RequestHead<'r> for &'r Request<B> {
    fn head(self) -> (&'r HeaderMap, &'r Extensions) {
        (self.headers(), self.extensions())
    }
}

impl<'r> RequestHead<'r> for &'r Parts {
    fn head(self) -> (&'r HeaderMap, &'r Extensions) {
        (&self.headers, &self.extensions)
    }
}

impl<'r> RequestHead<'r> for (&'r HeaderMap, &'r Extensions) {
    fn head(self) -> (&'r HeaderMap, &'r Extensions) {
        self
    }
}

/// The result of [`identify`].
pub(super) enum Identified<'h> {
    /// The token was verified or refused.
    Now(Result<Claims, Reason>),
    /// The token in this header waits until its key was fetched.
    Later(&'h HeaderValue, Box<Pending<'h>>),
}

/// Authenticates a request as far as that is possible without waiting.
pub(super) fn identify<'h>(
    validator: &Validator,
    headers: &'h HeaderMap,
    extensions: &mut Extensions,
    visibility: Visibility,
) -> Identified<'h> {
    let (header, candidate) = match bearer::candidate(headers) {
        Ok(found) => found,
        Err(reason) => return Identified::Now(Err(reason)),
    };
    if let Some(verified) = remembered(validator, extensions, header) {
        let (claims, known_to) = (verified.claims.clone(), verified.visibility);
        if visibility == Visibility::Everyone && known_to != Visibility::Everyone {
            remember(validator, extensions, header, &claims, visibility);
        }
        return Identified::Now(Ok(claims));
    }
    // A candidate in the cache equals a verified token, so its form needs no check.
    if let Some(claims) = validator.recall(candidate) {
        if visibility == Visibility::Everyone || !validator.recalls_at_once() {
            remember(validator, extensions, header, &claims, visibility);
        }
        return Identified::Now(Ok(claims));
    }
    let identified = verify(validator, header, candidate);
    if let Identified::Now(Ok(claims)) = &identified {
        remember(validator, extensions, header, claims, visibility);
    }
    identified
}

/// Returns the entry of this validator for this header.
fn remembered<'e>(
    validator: &Validator,
    extensions: &'e Extensions,
    header: &HeaderValue,
) -> Option<&'e RequestClaims> {
    extensions.get::<RequestClaims>().and_then(|verified| verified.by(validator.id(), header))
}

/// Returns `true` if two headers have the same value; most often both share one buffer, which needs no comparison.
fn is_same(one: &HeaderValue, other: &HeaderValue) -> bool {
    ptr::eq(one.as_bytes(), other.as_bytes()) || one == other
}

/// Verifies a token that is not in the cache; not inlined, to keep the common path of [`identify`] compact.
#[inline(never)]
fn verify<'h>(validator: &Validator, header: &'h HeaderValue, candidate: &'h [u8]) -> Identified<'h> {
    let Ok(token) = str::from_utf8(candidate) else { return Identified::Now(Err(Reason::InvalidRequest)) };
    match validator.verify_now(token) {
        Ok(claims) => Identified::Now(Ok(claims)),
        Err(Refusal::Pending(pending)) => Identified::Later(header, pending),
        // A verified token has the form of a token. For a refused one the form decides between the answers 400 and 401.
        Err(Refusal::Final(error)) => {
            Identified::Now(Err(bearer::token(candidate).err().unwrap_or(error.into())))
        }
    }
}

/// Adds verified claims to the request's extensions, in front of the earlier ones.
#[inline(never)]
pub(super) fn remember(
    validator: &Validator,
    extensions: &mut Extensions,
    header: &HeaderValue,
    claims: &Claims,
    visibility: Visibility,
) {
    let (validator, header, claims) = (validator.id(), header.clone(), claims.clone());
    let verified = RequestClaims { validator, header, claims, visibility, earlier: None };
    let Some(earlier) = extensions.insert(verified) else { return };
    if let Some(verified) = extensions.get_mut::<RequestClaims>() {
        verified.earlier = Some(Box::new(earlier));
    }
}

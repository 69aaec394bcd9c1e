//! Who is calling: one verification per request and validator, shared by guards, extractors and layers.
//!
//! What layers verify is left in the request's extensions, where anyone finds it. Guards and extractors leave there only
//! what would cost a verification to find out again: a token that the cache knows is looked up again in less time than it
//! takes to make room in the extensions.

use std::iter::successors;
use std::ptr;

use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue, Request};

use super::bearer;
use crate::claims::Claims;
use crate::rejection::Reason;
use crate::validator::{Pending, Refusal, Validator, ValidatorId};

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
    /// This is how a middleware behind `tower::AuthLayer` learns who is calling: `Claims::of(&request)`, `Claims::of(&parts)`
    /// or `Claims::of((&headers, &extensions))`. The claims are those of the `Authorization` header that the request has
    /// now. A middleware that removes the header leaves nobody, and so does one that replaces it, until the new header is
    /// verified.
    ///
    /// Where routers with different validators nest, they are those of the validator that ran last; guards never rely on
    /// that. What runs behind a guard extracts `Claims` in place of this: a guard leaves nothing here.
    #[must_use]
    pub fn of<'r>(request: impl RequestHead<'r>) -> Option<&'r Self> {
        let (headers, extensions) = request.head();
        let (header, _) = bearer::candidate(headers).ok()?;
        let mut chain = successors(extensions.get::<Verified>(), |verified| verified.earlier.as_deref());
        let found = chain.find(|verified| verified.told && is_same(&verified.header, header));
        found.map(|verified| &verified.claims)
    }
}

/// The head of a request: its headers and extensions, as [`Claims::of`] takes them.
///
/// Implemented for `&Request<B>`, for `&Parts`, and for the two apart: `(&HeaderMap, &Extensions)`.
pub trait RequestHead<'r> {
    /// Lends both.
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

/// Who is calling, as far as that can be told without waiting.
pub(super) enum Identified<'h> {
    Now(Result<Claims, Reason>),
    /// The key is not known yet: the token in this header has to wait for a fetch.
    Later(&'h HeaderValue, Box<Pending<'h>>),
}

/// The part of an authentication that never waits.
pub(super) fn identify<'h>(
    validator: &Validator,
    headers: &'h HeaderMap,
    extensions: &mut Extensions,
    telling: Telling,
) -> Identified<'h> {
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
    let identified = verify(validator, header, candidate);
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
fn verify<'h>(validator: &Validator, header: &'h HeaderValue, candidate: &'h [u8]) -> Identified<'h> {
    let Ok(token) = str::from_utf8(candidate) else { return Identified::Now(Err(Reason::InvalidRequest)) };
    match validator.verify_now(token) {
        Ok(claims) => Identified::Now(Ok(claims)),
        Err(Refusal::Pending(pending)) => Identified::Later(header, pending),
        // What was verified, or could be with another key, is made of the right characters. Of what is refused it has to
        // be told whether it looks like a token at all.
        Err(Refusal::Final(error)) => {
            Identified::Now(Err(bearer::token(candidate).err().unwrap_or(error.into())))
        }
    }
}

/// Leaves in a request what was verified.
#[inline(never)]
pub(super) fn remember(
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

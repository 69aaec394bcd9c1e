//! What can go wrong at an issuer.

use std::time::Duration;

/// A document that the issuer serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`.
    Discovery,
    /// `/.well-known/jwks` and `/.well-known/jwks.json`.
    Keys,
    /// `/account_api/v1/permissions`, and `/account_api/v1/permission/{key}`.
    Permissions,
    /// `/account_api/v1/roles`.
    Roles,
    /// `/account_api/v1/feature_flags`.
    FeatureFlags,
    /// `/account_api/v1/entitlements`, and `/account_api/v1/entitlement/{key}`.
    Entitlements,
    /// `/account_api/v1/portal_link`.
    PortalLink,
    /// `/oauth2/auth`, and where its page sends whom somebody chose.
    Authorize,
    /// `/oauth2/token`.
    Token,
    /// `/oauth2/revoke`.
    Revoke,
    /// `/oauth2/introspect`.
    Introspect,
    /// `/oauth2/v2/user_profile`.
    UserProfile,
    /// `/logout`.
    Logout,
    /// `/api/v1/…`, the Management API.
    Management,
    /// Any other path; there is nothing, so it answers 404.
    Elsewhere,
}

/// How an endpoint misbehaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Not at all.
    None,
    /// It answers this status, with an empty body; a number that is no status becomes 500.
    Status(u16),
    /// It answers this status with this value of `Retry-After`, and an empty body.
    RetryAfter(u16, String),
    /// It answers nothing until another fault is set, and then that.
    Hang,
    /// It answers as it should, but only after this time, or when the fault ends.
    Delay(Duration),
    /// It sends the head and the first half of the document and holds the rest back until another fault is set.
    Stall,
    /// It closes the connection without an answer.
    Drop,
    /// It announces the whole document and closes the connection half-way.
    CutOff,
    /// It answers with the first half of the document, as if that were all.
    Truncated,
    /// It answers 200 with a page in HTML, as captive portals do.
    Html,
    /// It answers 200 with this body.
    Body(Vec<u8>),
    /// It answers with the right document, blown up to this many bytes by white space, and announces the length.
    Huge(usize),
    /// It answers with the right document and white space after it that never ends, without announcing a length.
    Endless,
    /// It answers with a key set that has this many keys nobody signs with, before the real ones.
    ManyKeys(usize),
    /// It answers with a key set without keys.
    EmptySet,
    /// It answers 302 with this location.
    Redirect(String),
}

impl Fault {
    /// Tells whether requests wait until the fault is over.
    pub(super) fn hangs(&self) -> bool {
        matches!(self, Self::Hang)
    }

    /// Tells whether requests wait for a while.
    pub(super) fn delays(&self) -> bool {
        matches!(self, Self::Delay(_))
    }

    /// Tells whether the rest of a body waits until the fault is over.
    pub(super) fn stalls(&self) -> bool {
        matches!(self, Self::Stall)
    }
}

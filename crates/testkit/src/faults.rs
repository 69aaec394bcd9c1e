//! The faults of an issuer's endpoints.

use std::time::Duration;

/// An endpoint of the issuer.
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
    /// `/oauth2/auth`, and the address that its page posts the chosen person to.
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
    /// Any other path, which answers 404.
    Elsewhere,
}

/// How an endpoint misbehaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No fault.
    None,
    /// Answers with this status and an empty body; an invalid status becomes 500.
    Status(u16),
    /// Answers with this status, this value of `Retry-After` and an empty body.
    RetryAfter(u16, String),
    /// Waits until another fault is set, and answers with that.
    Hang,
    /// Answers normally after this time, or when the fault ends.
    Delay(Duration),
    /// Sends the head and the first half of the document, and the rest once another fault is set.
    Stall,
    /// Closes the connection without an answer.
    Drop,
    /// Announces the whole document and closes the connection half-way.
    CutOff,
    /// Answers with the first half of the document, and announces that length.
    Truncated,
    /// Answers 200 with an HTML page, as captive portals do.
    Html,
    /// Answers 200 with this body.
    Body(Vec<u8>),
    /// Answers with the right document, padded to this many bytes by white space, and announces the length.
    Huge(usize),
    /// Answers with the right document and endless white space, without announcing a length.
    Endless,
    /// Answers with a key set that has this many unused keys before the real ones.
    ManyKeys(usize),
    /// Answers with an empty key set.
    EmptySet,
    /// Answers 302 with this location.
    Redirect(String),
}

impl Fault {
    /// Returns `true` if requests wait until the fault ends.
    pub(super) fn hangs(&self) -> bool {
        matches!(self, Self::Hang)
    }

    /// Returns `true` if the fault delays requests.
    pub(super) fn delays(&self) -> bool {
        matches!(self, Self::Delay(_))
    }

    /// Returns `true` if the rest of a body waits until the fault ends.
    pub(super) fn stalls(&self) -> bool {
        matches!(self, Self::Stall)
    }
}

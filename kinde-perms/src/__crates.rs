//! Items that the crates that are released together with this one may name; no stability.

use crate::access::{AccessDiff, AccessMatrix, Catalogue};
use crate::token::TokenError;

pub use crate::access::diff_text::Title;
pub use crate::access::findings::Finding;
pub use crate::access::html::escaped;
pub use crate::access::report::{Cell, Mark, Table};
pub use crate::access::text::plain;
pub use crate::claims::UnverifiedClaims;
pub use crate::jwks::is_loopback;

/// Returns the findings of a matrix.
#[must_use]
pub fn findings(matrix: &AccessMatrix) -> Vec<Finding<'_>> {
    matrix.findings()
}

/// Writes a matrix as text with tables that the caller draws.
#[must_use]
pub fn matrix_text(matrix: &AccessMatrix, draw: &dyn Fn(&Table) -> String) -> String {
    matrix.drawn(draw)
}

/// Writes a difference as text whose lines the caller shows.
#[must_use]
pub fn diff_text(diff: &AccessDiff, show: &dyn Fn(Title, String) -> String) -> String {
    diff.shown(show)
}

/// Returns the given permissions, then those that the roles bundle, each once.
#[must_use]
pub fn permissions_of(catalogue: &Catalogue, given: &[String], roles: &[String]) -> Vec<String> {
    catalogue.permissions_of(given, roles)
}

/// Reads the payload of a token that was not verified.
///
/// # Errors
/// The payload is not that of an access token.
pub fn unverified(payload: String) -> Result<UnverifiedClaims, TokenError> {
    UnverifiedClaims::from_payload(payload).map_err(TokenError::from)
}

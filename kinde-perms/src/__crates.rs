//! Items for the crates that are released together with this one. They are not part of the public interface.

use crate::access::{AccessDiff, AccessMatrix, Catalogue};
use crate::token::TokenError;

pub use crate::access::diff_text::Title;
pub use crate::access::findings::Finding;
pub use crate::access::html::escaped;
pub use crate::access::report::{Cell, Mark, Table};
pub use crate::access::text::plain;
pub use crate::claims::UnverifiedClaims;
pub use crate::jwks::is_loopback;
pub use kinde_perms_policy::printable::line;

/// Returns the findings of a matrix.
#[must_use]
pub fn findings(matrix: &AccessMatrix) -> Vec<Finding<'_>> {
    matrix.findings()
}

/// Writes a matrix as text; `draw` draws its tables.
#[must_use]
pub fn matrix_text(matrix: &AccessMatrix, draw: &dyn Fn(&Table) -> String) -> String {
    matrix.drawn(draw)
}

/// Writes a difference as text; `show` writes its lines.
#[must_use]
pub fn diff_text(diff: &AccessDiff, show: &dyn Fn(Title, String) -> String) -> String {
    diff.shown(show)
}

/// Returns the given permissions, followed by those that the roles bundle, each once.
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

/// Returns `true` if `version` is the version of this crate. Crates that are released together have one version.
#[must_use]
pub const fn is_version(version: &str) -> bool {
    are_equal(version.as_bytes(), env!("CARGO_PKG_VERSION").as_bytes())
}

const fn are_equal(left: &[u8], right: &[u8]) -> bool {
    match (left, right) {
        ([], []) => true,
        ([a, left @ ..], [b, right @ ..]) => *a == *b && are_equal(left, right),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn is_version_accepts_only_the_exact_version() {
        let version = env!("CARGO_PKG_VERSION");
        assert!(is_version(version));
        for other in ["", "0.0.0", &version[1..], &version[..version.len() - 1], &format!("{version}-rc.1")] {
            assert!(!is_version(other), "{other}");
        }
    }
}

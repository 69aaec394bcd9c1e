//! Identifiers in Kinde's formats.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns the `kid` of a public key: the first sixteen bytes of its digest as `4c:fa:9e:…`.
pub(super) fn kid(public_key: &[u8]) -> String {
    hex(digest(&SHA256, public_key).as_ref()).get(..16).unwrap_or_default().join(":")
}

/// Returns the id of a role, which is the same in every token.
pub(super) fn role_id(key: &str) -> String {
    uuid(digest(&SHA256, key.as_bytes()).as_ref())
}

/// Returns a random id.
#[expect(clippy::expect_used, reason = "a test without randomness cannot go on")]
pub(super) fn unique_id() -> String {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).expect("randomness of the operating system");
    uuid(&bytes)
}

/// Returns 32 random bytes as text, which nobody can guess.
#[expect(clippy::expect_used, reason = "a test without randomness cannot go on")]
pub(super) fn secret() -> String {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).expect("randomness of the operating system");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Writes the first sixteen bytes in the groups of a UUID.
fn uuid(bytes: &[u8]) -> String {
    let hex = hex(bytes);
    [0..4, 4..6, 6..8, 8..10, 10..16].map(|group| hex.get(group).unwrap_or_default().concat()).join("-")
}

fn hex(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Signs tokens with the claims of a case. Missing or foreign claims are made valid, unless the case is about them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::case::Case;

/// Claims that access tokens do not have.
const FOREIGN: [&str; 4] = ["at_hash", "c_hash", "nonce", "cnf"];

/// Returns the claims to sign: those of the case, with a valid issuer, audience, expiry and subject.
pub(crate) fn payload(
    case: &Case,
    claims: &Map<String, Value>,
    issuer: &str,
    audience: &str,
) -> Map<String, Value> {
    let mut payload = claims.clone();
    let mut lay = |name: &str, value: Value| drop(payload.insert(name.to_owned(), value));
    if claims.contains_key("iss") || !case.is_live() {
        lay("iss", json!(issuer));
    }
    lay("aud", json!([audience]));
    if !is_bad_expiry(claims) {
        lay("exp", json!(now() + 3_600));
    }
    if !claims.contains_key("sub") && !claims.contains_key("gty") {
        lay("sub", json!("kp_1"));
    }
    if case.reads_id_token() {
        lay("nonce", json!("n-0S6_WzA2Mj"));
    }
    payload
}

/// Returns `true` if this crate refuses the token regardless of its grants.
pub(crate) fn is_refused(case: &Case) -> bool {
    let Some(claims) = &case.claims else { return false };
    let later =
        |name: &str| claims.get(name).and_then(seconds).is_some_and(|at| at > now().saturating_add(300));
    case.reads_id_token()
        || is_bad_expiry(claims)
        || FOREIGN.iter().any(|name| claims.contains_key(*name))
        || later("iat")
        || later("nbf")
}

/// Returns `true` if the expiry has passed or is malformed: the case is about it.
fn is_bad_expiry(claims: &Map<String, Value>) -> bool {
    claims.get("exp").is_some_and(|exp| seconds(exp).is_none_or(|at| at < now()))
}

/// Reads a `NumericDate`, rounded down; dates before 1970 count as 1970.
fn seconds(value: &Value) -> Option<u64> {
    let whole = || Some(value.as_f64()?.trunc().to_string());
    value.as_u64().or_else(|| Some(whole()?.parse().unwrap_or(0)))
}

#[expect(clippy::disallowed_methods, reason = "these tokens are judged by the system clock")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs()
}

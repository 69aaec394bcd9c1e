//! Log events about the keys; their names and target are stable.

use std::time::Duration;

use tracing::{debug, info, warn};

use crate::jwks::KeyError;
use crate::jwks::document::Skipped;
use crate::jwks::schedule::FetchCause;
use crate::meter;
use crate::token::Keys;

const TARGET: &str = "kinde_perms::keys";

pub(super) fn refreshed(cause: FetchCause, keys: usize, unix_time: Duration, next: Duration) {
    meter::refreshed(cause.as_str(), "ok");
    meter::keys(keys, unix_time);
    debug!(name: "refreshed", target: TARGET, cause = cause.as_str(), keys, ?next, "the keys were fetched");
}

pub(super) fn refresh_failed(cause: FetchCause, error: &KeyError, age: Option<Duration>, next: Duration) {
    meter::refreshed(cause.as_str(), error.code());
    warn!(name: "refresh_failed", target: TARGET, cause = cause.as_str(), %error, ?age, ?next, "the keys could not be fetched");
}

/// Reports a key that was left out: as a warning if the issuer's operator should know of it.
pub(super) fn skipped(skipped: &Skipped) {
    let Skipped { kid, reason } = skipped;
    if reason.is_alarming() {
        warn!(name: "key_skipped", target: TARGET, ?kid, %reason, "a key of the issuer is not used");
    } else {
        info!(name: "key_skipped", target: TARGET, ?kid, %reason, "a key of the issuer is not used");
    }
}

/// Reports every key that was replaced under its id. That is rare, and explains why tokens no longer verify.
pub(super) fn replaced(previous: &Keys, next: &Keys) {
    for (kid, entry) in next.iter() {
        if previous.get(kid).is_some_and(|known| known.generation() != entry.generation()) {
            warn!(name: "key_changed", target: TARGET, ?kid, "the issuer replaced a key under its id");
        }
    }
}

#[cfg(test)]
mod tests;

//! The metrics, for the `metrics` facade. This module alone has their names, which are stable and documented in
//! [`manual::observability`](crate::manual::observability).
//!
//! Without the feature `metrics` these functions are empty.

#![cfg_attr(not(feature = "metrics"), allow(unused_variables, reason = "nothing is counted"))]

use std::time::Duration;

#[cfg(feature = "metrics")]
use metrics::{counter, gauge};

/// Counts a refused request.
pub(crate) fn refused(code: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_refusals_total", "code" => code).increment(1);
}

/// Counts a fetch of the keys; `outcome` is `ok` or the code of an error.
pub(crate) fn refreshed(cause: &'static str, outcome: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_key_refreshes_total", "cause" => cause, "outcome" => outcome).increment(1);
}

/// Counts a look-up of a key that the current set lacked, with or without a fetch.
pub(crate) fn looked_up(answer: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_unknown_keys_total", "answer" => answer).increment(1);
}

/// Sets the number of keys and the time of their fetch since 1970.
pub(crate) fn keys(count: usize, fetched_at: Duration) {
    #[cfg(feature = "metrics")]
    {
        gauge!("kinde_perms_keys").set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        gauge!("kinde_perms_keys_fetched_timestamp_seconds").set(fetched_at.as_secs_f64());
    }
}

/// Counts a call to the Account API; `outcome` is `ok` or the code of an error.
#[cfg(feature = "account-api")]
pub(crate) fn called(outcome: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_live_questions_total", "outcome" => outcome).increment(1);
}

/// Counts a pause of calls to the Account API, for all organizations or for one.
#[cfg(feature = "account-api")]
pub(crate) fn paused(scope: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_live_pauses_total", "scope" => scope).increment(1);
}

//! What is counted, for the `metrics` facade: the one place that knows the names. They are documented in
//! [`manual::observability`](crate::manual::observability), and stable.
//!
//! Without the feature these functions are empty.

#![cfg_attr(not(feature = "metrics"), allow(unused_variables, reason = "nothing is counted"))]

use std::time::Duration;

#[cfg(feature = "metrics")]
use metrics::{counter, gauge};

/// A request was refused.
pub(crate) fn refused(code: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_refusals_total", "code" => code).increment(1);
}

/// A fetch of the keys ended; `outcome` is `ok` or the code of an error.
pub(crate) fn refreshed(cause: &'static str, outcome: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_key_refreshes_total", "cause" => cause, "outcome" => outcome).increment(1);
}

/// A token named a key that was not at hand, and got this answer, by a fetch or without one.
pub(crate) fn looked_up(answer: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_unknown_keys_total", "answer" => answer).increment(1);
}

/// There is a new set of keys, fetched at this time since 1970.
pub(crate) fn keys(count: usize, fetched_at: Duration) {
    #[cfg(feature = "metrics")]
    {
        gauge!("kinde_perms_keys").set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        gauge!("kinde_perms_keys_fetched_timestamp_seconds").set(fetched_at.as_secs_f64());
    }
}

/// The Account API was asked; `outcome` is `ok` or the code of an error.
#[cfg(feature = "account-api")]
pub(crate) fn asked(outcome: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_live_questions_total", "outcome" => outcome).increment(1);
}

/// The Account API is not asked for a while, on behalf of all or of one organization.
#[cfg(feature = "account-api")]
pub(crate) fn paused(scope: &'static str) {
    #[cfg(feature = "metrics")]
    counter!("kinde_perms_live_pauses_total", "scope" => scope).increment(1);
}

//! Log events of the Account API; their names and target are stable.

use tracing::{info, warn};

use super::breaker::{CircuitChange, CircuitScope};
use super::error::LiveError;
use crate::meter;

const TARGET: &str = "kinde_perms::live";

/// Counts a call to the Account API.
pub(super) fn called<T>(answer: &Result<T, LiveError>) {
    meter::called(answer.as_ref().map_or_else(|error| error.kind().code(), |_| "ok"));
}

/// Reports a circuit that opened or closed. The event names neither the organization nor the token.
pub(super) fn changed(change: CircuitChange) {
    match change {
        CircuitChange::Opened(scope, wait) => {
            let scope = name(scope);
            meter::paused(scope);
            warn!(name: "paused", target: TARGET, scope, ?wait, "calls to the account api are paused");
        }
        CircuitChange::Closed(scope) => {
            info!(name: "resumed", target: TARGET, scope = name(scope), "the account api answers again");
        }
    }
}

fn name(scope: CircuitScope) -> &'static str {
    match scope {
        CircuitScope::Global => "all",
        CircuitScope::Organization => "organization",
    }
}

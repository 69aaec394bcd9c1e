//! Log events of the Account API; their names and target are stable.

use tracing::{info, warn};

use super::breaker::{Change, Scope};
use super::error::LiveError;
use crate::meter;

const TARGET: &str = "kinde_perms::live";

/// Counts a question that Kinde was asked.
pub(super) fn asked<T>(answer: &Result<T, LiveError>) {
    meter::asked(answer.as_ref().map_or_else(|error| error.kind().code(), |_| "ok"));
}

/// Reports a circuit that opened or closed; neither the organization nor the token is named.
pub(super) fn changed(change: Change) {
    match change {
        Change::Opened(scope, wait) => {
            let scope = name(scope);
            meter::paused(scope);
            warn!(name: "paused", target: TARGET, scope, ?wait, "the account api is not asked for a while");
        }
        Change::Closed(scope) => {
            info!(name: "resumed", target: TARGET, scope = name(scope), "the account api answers again");
        }
    }
}

fn name(scope: Scope) -> &'static str {
    match scope {
        Scope::Everybody => "all",
        Scope::Organization => "organization",
    }
}

//! The result of a call, in Kinde's SDK and in this crate.

use serde_json::Value;

use crate::case::Case;

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Value(Value),
    Threw(Cause),
    /// The call does not compile with this crate.
    NoSuchCall,
}

/// Why a call has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The Account API answered with this status.
    Status(u16),
    /// The Account API did not answer, or answered in another form.
    Unanswered,
    /// There is no token.
    NoToken,
    /// The token has no issuer.
    NoIssuer,
    /// A synchronous call was told to ask the Account API.
    Sync,
    /// The wrong type of argument or claim.
    Type,
    /// A condition threw this.
    Condition(String),
}

impl Answer {
    /// Returns Kinde's answer, as recorded in the case.
    pub(crate) fn recorded(case: &Case) -> Self {
        let text = |name| case.expected.get(name).and_then(Value::as_str);
        match (text("error"), text("error_kind")) {
            (Some(error), _) => Self::Threw(Cause::recorded(error, case)),
            (None, Some(_)) => Self::Threw(Cause::Type),
            (None, None) => Self::Value(case.expected.clone()),
        }
    }

    /// Returns `true` if the answer grants something.
    pub(crate) fn is_grant(&self) -> bool {
        matches!(self, Self::Value(value) if *value == Value::Bool(true) || value["isGranted"] == true)
    }

    /// Equality, with the flags of a token compared as a set: members of a JSON object have no order.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::NoSuchCall, _) | (_, Self::NoSuchCall) => false,
            (Self::Value(Value::Array(a)), Self::Value(Value::Array(b))) => {
                a.len() == b.len() && a.iter().all(|one| b.contains(one))
            }
            (a, b) => a == b,
        }
    }
}

impl Cause {
    fn recorded(error: &str, case: &Case) -> Self {
        let status = error.strip_prefix("API request failed with status ").and_then(|code| code.parse().ok());
        match (status, error) {
            (Some(status), _) => Self::Status(status),
            (None, "Domain (iss claim) not found.") => Self::NoIssuer,
            (None, "Authentication token not found.") => Self::NoToken,
            (None, "forceApi cannot be used in sync mode") => Self::Sync,
            (None, _) if case.api.values().flatten().any(|page| page.get("network_error").is_some()) => {
                Self::Unanswered
            }
            (None, other) => Self::Condition(other.to_owned()),
        }
    }
}

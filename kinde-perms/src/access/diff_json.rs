//! A difference as JSON.

use serde_json::{Value, json};

use super::diff::{Change, Who};
use super::{Access, AccessDiff};
use crate::printable;

pub(super) fn write(diff: &AccessDiff) -> String {
    let document = json!({
        "format": "kinde-perms/access-diff",
        "version": 1,
        "grants_access": diff.grants_access(),
        "changes": diff.changes().iter().map(change).collect::<Vec<_>>(),
    });
    printable::json(&format!("{document:#}\n"))
}

fn change(change: &Change) -> Value {
    json!({
        "method": change.method(),
        "path": change.path(),
        "before": change.before().map(access),
        "after": change.after().map(access),
        "gained": change.gained().iter().map(who).collect::<Vec<_>>(),
        "lost": change.lost().iter().map(who).collect::<Vec<_>>(),
    })
}

fn access(access: &Access) -> Value {
    match access {
        Access::Public(reason) => json!({ "public": reason }),
        Access::Guarded(rule) => json!({ "requires": rule.to_string() }),
        Access::Checked { rule, checks } => json!({ "requires": rule.to_string(), "checks": checks }),
    }
}

fn who(who: &Who) -> Value {
    match who {
        Who::Anyone => json!("anyone"),
        Who::AnyToken => json!("any_token"),
        Who::Role(key) => json!({ "role": key }),
        Who::Permission { key, .. } => json!({ "permission": key }),
        Who::Combination => json!("combination"),
    }
}

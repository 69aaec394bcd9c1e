//! A difference as JSON.

use serde_json::{Value, json};

use super::diff::{Change, Who};
use super::{Access, AccessDiff};
use crate::printable;

impl AccessDiff {
    /// Writes the difference as JSON.
    ///
    /// ```json
    /// {
    ///   "format": "kinde-perms/access-diff",
    ///   "version": 1,
    ///   "grants_access": true,
    ///   "changes": [
    ///     {"method": "DELETE", "path": "/todos/{id}",
    ///      "before": {"requires": "permissions = [\"delete:todos\"], roles = [\"admin\"]"},
    ///      "after": {"requires": "permissions = [\"delete:todos\"]"},
    ///      "gained": [{"role": "editor"}, {"permission": "delete:todos"}],
    ///      "lost": []}
    ///   ]
    /// }
    /// ```
    ///
    /// `before` and `after` are null where there is no such route. Besides roles and permissions there are the strings
    /// `"anyone"`, `"any_token"` and `"combination"`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = json!({
            "format": "kinde-perms/access-diff",
            "version": 1,
            "grants_access": self.grants_access(),
            "changes": self.changes().iter().map(change).collect::<Vec<_>>(),
        });
        printable::json(&format!("{document:#}\n"))
    }
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

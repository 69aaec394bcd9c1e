//! Translates the arguments of Kinde's `has` into a rule of this crate, and conditions that no rule can express.

use kinde_perms::Rule;
use serde_json::Value;

use crate::case::{Case, Kind, truthy};

/// A requirement of Kinde's `has`, in the terms of this crate.
pub(crate) enum Question<'c> {
    /// The rule would not compile, so it grants nothing.
    Unsayable,
    /// A rule, and conditions on some of its entries.
    Rule { rule: Rule, conditions: Vec<Condition<'c>> },
}

/// A condition on a held entry.
pub(crate) struct Condition<'c> {
    pub(crate) kind: Kind,
    pub(crate) key: &'c str,
    pub(crate) test: &'c Value,
}

/// One entry of a list that can match.
pub(crate) struct Item<'c> {
    pub(crate) key: &'c str,
    /// The value that a flag must have.
    pub(crate) value: Option<&'c Value>,
    condition: Option<&'c Value>,
}

impl<'c> Question<'c> {
    pub(crate) fn of(case: &'c Case) -> Self {
        let mistyped = case.asks().iter().any(|kind| is_mistyped(case, *kind));
        if mistyped || case.unknown_args().next().is_some() {
            return Self::Unsayable;
        }
        let asked = case.asks().iter().filter(|kind| !case.wanted(**kind).is_empty());
        let lists: Option<Vec<String>> = asked.map(|kind| list(case, *kind)).collect();
        match lists.and_then(|lists| lists.join(", ").parse().ok()) {
            Some(rule) => Self::Rule { rule, conditions: conditions(case) },
            None => Self::Unsayable,
        }
    }
}

/// Returns `true` if the argument should be an array and is not. A value that Kinde treats as absent is not mistyped.
pub(crate) fn is_mistyped(case: &Case, kind: Kind) -> bool {
    let list = case.arg(kind.member());
    truthy(list) && !list.is_array()
}

/// Reads one entry: a key, an object with a key and a flag's value, or an object with a condition. Kinde compares any other
/// entry with the keys and never finds it.
pub(crate) fn item(kind: Kind, entry: &Value) -> Option<Item<'_>> {
    let (named, beyond) = match kind {
        Kind::Permissions => ("permission", "condition"),
        Kind::Roles => ("role", "condition"),
        Kind::FeatureFlags => ("flag", "value"),
        Kind::Entitlements => ("entitlement", "condition"),
    };
    if let Some(key) = entry.as_str() {
        return Some(Item { key, value: None, condition: None });
    }
    let (key, beyond) = (entry.get(named)?.as_str()?, entry.get(beyond)?);
    Some(if kind == Kind::FeatureFlags {
        Item { key, value: Some(beyond), condition: None }
    } else {
        Item { key, value: None, condition: Some(beyond) }
    })
}

/// Returns `true` if the entry can be part of a rule.
pub(crate) fn is_sayable(kind: Kind, entry: &Value) -> bool {
    let written = item(kind, entry).and_then(|item| written(&item));
    written.is_some_and(|written| format!("{} = [{written}]", word(kind)).parse::<Rule>().is_ok())
}

/// Returns the list of one kind in rule syntax; `None` if an entry has no such form.
fn list(case: &Case, kind: Kind) -> Option<String> {
    let entries = case.wanted(kind).iter().map(|entry| written(&item(kind, entry)?));
    let entries = entries.collect::<Option<Vec<_>>>()?.join(", ");
    let live = case.is_forced(kind) && kind != Kind::Entitlements;
    Some(if live {
        format!("{} = live([{entries}])", word(kind))
    } else {
        format!("{} = [{entries}]", word(kind))
    })
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Permissions => "permissions",
        Kind::Roles => "roles",
        Kind::FeatureFlags => "feature_flags",
        Kind::Entitlements => "billing_entitlements",
    }
}

fn written(item: &Item<'_>) -> Option<String> {
    let key = quoted(item.key);
    Some(match item.value {
        None => key,
        Some(Value::String(text)) => format!("{key} = {}", quoted(text)),
        Some(Value::Bool(value)) => format!("{key} = {value}"),
        Some(Value::Number(value)) => format!("{key} = {}", value.as_i64()?),
        Some(_) => return None,
    })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn conditions(case: &Case) -> Vec<Condition<'_>> {
    let of_kind = |kind: Kind| {
        case.wanted(kind).iter().filter_map(move |entry| {
            let item = item(kind, entry)?;
            Some(Condition { kind, key: item.key, test: item.condition? })
        })
    };
    case.asks().iter().flat_map(|kind| of_kind(*kind)).collect()
}

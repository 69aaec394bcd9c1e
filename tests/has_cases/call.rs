//! The calls of Kinde's SDK, each answered by this crate's own interface.

use kinde_perms::{Claims, FeatureFlags, Permission, Permissions, Role, TokenError, VerifyError};
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::{Answer, Cause};
use crate::case::{Case, Kind, truthy};
use crate::condition;
use crate::question::{Condition, Question};

/// Who calls: the claims of the token, or why there are none.
pub(crate) type Caller = Result<Claims, VerifyError>;

/// Answers a call, or says that it is new.
pub(crate) fn answer(case: &Case, caller: &Caller) -> Result<Answer, String> {
    if case.is_sync() && truthy(case.arg("forceApi")) {
        return Ok(Answer::NoSuchCall);
    }
    if case.is_has() {
        return Ok(has(case, caller));
    }
    let claims = caller.as_ref().ok();
    Ok(Answer::Value(match case.getter() {
        "get_permission" => permission(case.text_arg("permission"), claims),
        "get_permissions" => written(&claims.map(Claims::permissions).unwrap_or_default()),
        "get_roles" => match claims {
            Some(claims) => written(claims.roles()),
            None => return Ok(Answer::Threw(Cause::NoToken)),
        },
        "get_flag" => {
            claims.and_then(|claims| claims.feature_flag(case.text_arg("flag"))).map_or(Value::Null, written)
        }
        "get_flags" => claims.map_or(Value::Null, |claims| flags(claims.feature_flags())),
        "get_claim" => claims.map_or(Value::Null, |claims| claim(claims, case.text_arg("claim"))),
        "get_current_organization" => written(&claims.and_then(Claims::org_code)),
        "get_user_organizations" => claims.and_then(|claims| claims.claim("org_codes")).unwrap_or_default(),
        other => return Err(format!("the call `{other}` is new to this runner")),
    }))
}

fn has(case: &Case, caller: &Caller) -> Answer {
    let Question::Rule { rule, conditions } = Question::of(case) else { return Answer::Value(json!(false)) };
    let Ok(claims) = caller else { return Answer::Value(json!(false)) };
    if !rule.decide(claims).is_allow() {
        return Answer::Value(json!(false));
    }
    let met = conditions.iter().try_fold(true, |so_far, condition| {
        Ok(so_far && condition::met(condition.test, &held(claims, condition))?)
    });
    met.map_or_else(|thrown| Answer::Threw(Cause::Condition(thrown)), |met| Answer::Value(json!(met)))
}

/// What a condition is about.
fn held(claims: &Claims, condition: &Condition<'_>) -> Value {
    match condition.kind {
        Kind::Permissions => written(&claims.permission(condition.key)),
        Kind::Roles => role(claims.roles(), condition.key),
        Kind::FeatureFlags | Kind::Entitlements => Value::Null,
    }
}

fn role(roles: &[Role], key: &str) -> Value {
    roles.iter().find(|role| role.key() == key).map_or(Value::Null, written)
}

fn permission(key: &str, claims: Option<&Claims>) -> Value {
    written(&claims.map_or(Permission::not_granted(key), |claims| claims.permission(key)))
}

fn flags(flags: &FeatureFlags) -> Value {
    written(&flags.entries().collect::<Vec<_>>())
}

/// A claim under its name; one that the token does not carry has no value.
fn claim(claims: &Claims, name: &str) -> Value {
    match claims.claim(name) {
        Some(value) => json!({"name": name, "value": value}),
        None => json!({"name": name}),
    }
}

/// Why a call that needs a token cannot be made.
fn refusal(error: &VerifyError) -> Cause {
    match error {
        VerifyError::Token(TokenError::MissingClaim("iss")) => Cause::NoIssuer,
        _ => Cause::NoToken,
    }
}

fn written(view: &(impl Serialize + ?Sized)) -> Value {
    serde_json::to_value(view).expect("a view that serialises")
}

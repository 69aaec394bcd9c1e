//! The calls of Kinde's SDK, each answered by this crate's own interface.

use kinde_perms::{
    Account, Claims, LiveError, Rule, TokenError, VerifyError,
    account::LiveErrorKind,
    claims::{FeatureFlags, Permission, Role},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::{Answer, Cause};
use crate::case::{Case, Kind, truthy};
use crate::condition;
use crate::question::{Condition, Question};

/// The account of a verified token, or the reason why there is none.
pub(crate) type Caller = Result<Account, Cause>;

/// The asynchronous calls; a synchronous twin has the suffix `_sync`.
const GETTERS: [&str; 10] = [
    "get_claim",
    "get_current_organization",
    "get_entitlement",
    "get_entitlements",
    "get_flag",
    "get_flags",
    "get_permission",
    "get_permissions",
    "get_roles",
    "get_user_organizations",
];

/// Answers a call; fails for an unknown one.
pub(crate) async fn answer(case: &Case, caller: &Caller) -> Result<Answer, String> {
    if !case.is_has() && !GETTERS.contains(&case.getter()) {
        return Err(format!("the call `{}` is new to this runner", case.call));
    }
    if case.is_sync() && truthy(case.arg("forceApi")) {
        return Ok(Answer::NoSuchCall);
    }
    if case.is_has() {
        return Ok(has(case, caller).await);
    }
    if !case.is_live() {
        return of_token(case, caller.as_ref().ok().map(Account::claims));
    }
    match caller {
        Err(refused) => Ok(Answer::Threw(refused.clone())),
        Ok(account) => Ok(of_account(case, account).await?.unwrap_or_else(|error| threw(&error))),
    }
}

/// The getters that read the token.
fn of_token(case: &Case, claims: Option<&Claims>) -> Result<Answer, String> {
    Ok(Answer::Value(match case.getter() {
        "get_permission" => permission(case.text_arg("permission"), claims),
        "get_permissions" => written(&claims.map(Claims::permissions).unwrap_or_default()),
        "get_roles" => match claims {
            Some(claims) => written(claims.roles()),
            None => return Ok(Answer::Threw(Cause::NoToken)),
        },
        "get_flag" => flag(claims.map(Claims::feature_flags), case.text_arg("flag")),
        "get_flags" => claims.map_or(Value::Null, |claims| flags(claims.feature_flags())),
        "get_claim" => claims.map_or(Value::Null, |claims| claim(claims, case.text_arg("claim"))),
        "get_current_organization" => written(&claims.and_then(Claims::org_code)),
        "get_user_organizations" => claims.and_then(|claims| claims.claim("org_codes")).unwrap_or_default(),
        other => return Err(format!("the call `{other}` is new to this runner")),
    }))
}

/// The getters that ask the Account API.
async fn of_account(case: &Case, account: &Account) -> Result<Result<Answer, LiveError>, String> {
    let value = match case.getter() {
        "get_permission" => {
            account.permissions().await.map(|held| written(&held.permission(case.text_arg("permission"))))
        }
        "get_permissions" => account.permissions().await.map(|held| written(&*held)),
        "get_roles" => account.roles().await.map(|held| written(&*held)),
        "get_flag" => account.feature_flags().await.map(|held| flag(Some(&held), case.text_arg("flag"))),
        "get_flags" => account.feature_flags().await.map(|held| flags(&held)),
        "get_entitlements" => account.entitlements().await.map(|held| written(&*held)),
        "get_entitlement" => account.entitlement(case.text_arg("key")).await.map(|held| written(&*held)),
        other => return Err(format!("the call `{other}` with `forceApi` is new to this runner")),
    };
    Ok(value.map(Answer::Value))
}

async fn has(case: &Case, caller: &Caller) -> Answer {
    let Question::Rule { rule, conditions } = Question::of(case) else { return Answer::Value(json!(false)) };
    let Ok(account) = caller else { return Answer::Value(json!(false)) };
    match decided(case, account, &rule, &conditions).await {
        Ok(answer) => answer,
        Err(error) => threw(&error),
    }
}

/// Decides the rule first, then the conditions, as `&&` does.
async fn decided(
    case: &Case,
    account: &Account,
    rule: &Rule,
    conditions: &[Condition<'_>],
) -> Result<Answer, LiveError> {
    if !account.has(rule).await? {
        return Ok(Answer::Value(json!(false)));
    }
    for condition in conditions {
        match condition::met(condition.test, &held(case, account, condition).await?) {
            Ok(true) => {}
            Ok(false) => return Ok(Answer::Value(json!(false))),
            Err(thrown) => return Ok(Answer::Threw(Cause::Condition(thrown))),
        }
    }
    Ok(Answer::Value(json!(true)))
}

/// Returns the value that a condition receives.
async fn held(case: &Case, account: &Account, condition: &Condition<'_>) -> Result<Value, LiveError> {
    let key = condition.key;
    Ok(match (condition.kind, case.is_forced(condition.kind)) {
        (Kind::Permissions, false) => written(&account.claims().permission(key)),
        (Kind::Permissions, true) => written(&account.permissions().await?.permission(key)),
        (Kind::Roles, false) => role(account.claims().roles(), key),
        (Kind::Roles, true) => written(&account.roles().await?.get(key)),
        (Kind::Entitlements, _) => written(&account.entitlements().await?.get(key)),
        (Kind::FeatureFlags, _) => Value::Null,
    })
}

fn threw(error: &LiveError) -> Answer {
    Answer::Threw(match error.kind() {
        LiveErrorKind::Status(status) => Cause::Status(*status),
        _ => Cause::Unanswered,
    })
}

fn role(roles: &[Role], key: &str) -> Value {
    roles.iter().find(|role| role.key() == key).map_or(Value::Null, written)
}

fn permission(key: &str, claims: Option<&Claims>) -> Value {
    written(&claims.map_or(Permission::not_granted(key), |claims| claims.permission(key)))
}

fn flag(flags: Option<&FeatureFlags>, key: &str) -> Value {
    flags.and_then(|flags| flags.get(key)).map_or(Value::Null, written)
}

fn flags(flags: &FeatureFlags) -> Value {
    written(&flags.entries().collect::<Vec<_>>())
}

/// Returns a claim with its name; an absent claim has no value.
fn claim(claims: &Claims, name: &str) -> Value {
    match claims.claim(name) {
        Some(value) => json!({"name": name, "value": value}),
        None => json!({"name": name}),
    }
}

/// Returns the cause for which a call that needs a good token fails.
pub(crate) fn refusal(error: &VerifyError) -> Cause {
    match error {
        VerifyError::Token(TokenError::MissingClaim("iss")) => Cause::NoIssuer,
        _ => Cause::NoToken,
    }
}

fn written(view: &(impl Serialize + ?Sized)) -> Value {
    serde_json::to_value(view).expect("a view that serialises")
}

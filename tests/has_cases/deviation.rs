//! The deliberate differences from Kinde's SDK. The class of a case follows from its shape: its claims, its call, the
//! answers of the Account API, and the recorded answer.

use kinde_perms::claims::{Permission, Permissions};
use serde_json::{Value, json};

use crate::answer::{Answer, Cause};
use crate::case::{Case, Kind, truthy};
use crate::mint;
use crate::question::{is_mistyped, is_sayable, item};

/// A deliberate difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Kinde grants an empty requirement, even without a token. Here an empty rule does not compile.
    VacuousTruth,
    /// Kinde ignores an unknown kind, and grants. Here it does not compile.
    UnknownKind,
    /// Kinde throws a `TypeError` if the list is no array. Here it does not compile.
    MistypedArgument,
    /// Kinde accepts keys and values that no rule here can name: white space, non-ASCII characters, fractions.
    Unsayable,
    /// Kinde decodes without verifying, so an expired token still counts.
    UnverifiedHonoured,
    /// Kinde reads the ID token, which an API must not accept.
    IdToken,
    /// For a claim of the wrong type Kinde searches a string, or throws. Here the claim is unknown and grants nothing.
    MalformedClaim,
    /// Kinde never finds a role that the token lists by its bare key.
    RoleStrings,
    /// Kinde asks the Account API if the token has no `roles` claim, although the call does not say so.
    HiddenRoleFetch,
    /// For Kinde a flag without a value need only exist. Here it must be `true`.
    BareFlag,
    /// Kinde looks a flag up by its display name if it asks the Account API.
    FlagByName,
    /// For a single permission Kinde asks an undocumented endpoint. Here the documented list is fetched, cached for the
    /// token, and answers for each permission.
    SinglePermission,
    /// Kinde omits absent members; here they are present as `"orgCode": null` and as an empty list of flags.
    AbsenceSaid,
    /// Kinde's synchronous calls throw when told to ask the Account API. Here no such call exists.
    SyncThrows,
    /// Kinde treats a failing Account API as a refusal. Here it is a separate error, and a 503.
    SwallowedError,
}

impl Class {
    /// Returns `true` if the difference explains this crate's answer. Only the two classes in which Kinde misses a grant may
    /// grant anything, and only the failing Account API may be an error.
    pub(crate) fn explains(self, ours: &Answer) -> bool {
        match self {
            Self::RoleStrings | Self::FlagByName => true,
            Self::SwallowedError => matches!(ours, Answer::Threw(Cause::Status(_) | Cause::Unanswered)),
            _ => !ours.is_grant(),
        }
    }

    /// Returns `true` if the difference explains a request that Kinde does not make.
    pub(crate) fn asks(self, path: &str) -> bool {
        self == Self::SinglePermission && path == Kind::Permissions.path()
    }
}

/// Returns the class of a case; `None` if this crate must give Kinde's answer.
pub(crate) fn class(case: &Case, recorded: &Answer) -> Option<Class> {
    let is = |value: bool| *recorded == Answer::Value(json!(value));
    let any_kind = |test: &dyn Fn(Kind) -> bool| case.asks().iter().any(|kind| test(*kind));
    let names_a_flag_alone =
        || any_kind(&|kind| kind == Kind::FeatureFlags && names_a_flag_that_is_not_true(case));
    let classes = [
        (Class::SyncThrows, case.is_sync() && truthy(case.arg("forceApi"))),
        (Class::IdToken, case.reads_id_token() && *recorded != Answer::Value(Value::Null)),
        (
            Class::MistypedArgument,
            *recorded == Answer::Threw(Cause::Type) && any_kind(&|kind| is_mistyped(case, kind)),
        ),
        (Class::UnknownKind, case.is_has() && is(true) && case.unknown_args().next().is_some()),
        (Class::VacuousTruth, case.is_has() && is(true) && !any_kind(&|kind| !case.wanted(kind).is_empty())),
        (Class::UnverifiedHonoured, mint::is_refused(case) && *recorded != to_nobody(case)),
        (
            Class::MalformedClaim,
            reads(case).any(|kind| is_malformed(case, kind)) && *recorded != to_nothing(case),
        ),
        (
            Class::RoleStrings,
            reads(case).any(|kind| kind == Kind::Roles) && misses_role_strings(case, recorded),
        ),
        (Class::HiddenRoleFetch, fetches_roles(case) && *recorded != without_fetch(case)),
        (Class::BareFlag, is(true) && names_a_flag_alone()),
        (Class::FlagByName, is_flag_by_name(case)),
        (Class::SinglePermission, case.call == "get_permission" && case.is_live()),
        (Class::AbsenceSaid, leaves_out(case, recorded)),
        (
            Class::Unsayable,
            is(true) && any_kind(&|kind| case.wanted(kind).iter().any(|entry| !is_sayable(kind, entry))),
        ),
        (Class::SwallowedError, case.is_has() && is(false) && any_kind(&|kind| fails(case, kind))),
    ];
    classes.into_iter().find_map(|(class, applies)| applies.then_some(class))
}

/// Returns the kinds that a call reads from the token.
fn reads(case: &Case) -> impl Iterator<Item = Kind> {
    let getter = match case.getter() {
        "get_permission" | "get_permissions" => Some(Kind::Permissions),
        "get_roles" => Some(Kind::Roles),
        "get_flag" | "get_flags" => Some(Kind::FeatureFlags),
        _ => None,
    };
    let from_token = getter.filter(|_| !case.is_live());
    let asked = case.asks().iter().copied();
    asked.filter(|kind| !case.wanted(*kind).is_empty() && !case.is_forced(*kind)).chain(from_token)
}

/// Returns the answer without a token.
fn to_nobody(case: &Case) -> Answer {
    let written = |view: Result<Value, _>| Answer::Value(view.expect("a view that serialises"));
    match case.getter() {
        _ if case.is_has() => Answer::Value(json!(false)),
        "get_permission" => {
            written(serde_json::to_value(Permission::not_granted(case.text_arg("permission"))))
        }
        "get_permissions" => written(serde_json::to_value(Permissions::default())),
        "get_roles" | "get_entitlement" | "get_entitlements" => Answer::Threw(Cause::NoToken),
        _ => Answer::Value(Value::Null),
    }
}

/// Returns the answer for a token that grants nothing.
fn to_nothing(case: &Case) -> Answer {
    let org = ["org_code", "x-hasura-org-code"].into_iter().find_map(|name| case.claim(name));
    match case.getter() {
        "get_permission" => Answer::Value(
            json!({"permissionKey": case.text_arg("permission"), "orgCode": org, "isGranted": false}),
        ),
        "get_permissions" => Answer::Value(json!({"orgCode": org, "permissions": []})),
        "get_roles" | "get_flags" => Answer::Value(json!([])),
        _ => to_nobody(case),
    }
}

/// Returns `true` if a claim has the wrong type.
fn is_malformed(case: &Case, kind: Kind) -> bool {
    let all =
        |claim: &Value, test: fn(&Value) -> bool| claim.as_array().is_some_and(|all| all.iter().all(test));
    case.claim_of(kind).is_some_and(|claim| match kind {
        Kind::Permissions => !all(claim, Value::is_string),
        Kind::Roles => !all(claim, |role| role.is_string() || role.get("key").is_some_and(Value::is_string)),
        Kind::FeatureFlags => {
            !claim.as_object().is_some_and(|flags| flags.values().all(|flag| flag.get("v").is_some()))
        }
        Kind::Entitlements => false,
    })
}

/// Returns the keys of the token's roles, in either form.
fn role_keys(case: &Case) -> Vec<&str> {
    let roles = case.claim_of(Kind::Roles).and_then(Value::as_array).into_iter().flatten();
    roles.filter_map(|role| role.as_str().or_else(|| role.get("key")?.as_str())).collect()
}

fn holds_all_roles(case: &Case) -> bool {
    let held = role_keys(case);
    let is_held = |entry| item(Kind::Roles, entry).is_some_and(|item| held.contains(&item.key));
    case.wanted(Kind::Roles).iter().all(is_held)
}

fn misses_role_strings(case: &Case, recorded: &Answer) -> bool {
    let roles = case.claim_of(Kind::Roles).and_then(Value::as_array);
    let bare = roles.into_iter().flatten().filter_map(Value::as_str);
    let asked: Vec<&str> =
        case.wanted(Kind::Roles).iter().filter_map(|entry| Some(item(Kind::Roles, entry)?.key)).collect();
    let mut relevant = bare.filter(|key| !case.is_has() || asked.contains(key));
    let alone = reads(case).count() == 1 && !case.is_live();
    relevant.next().is_some()
        && (!case.is_has() || (alone && holds_all_roles(case) && *recorded == Answer::Value(json!(false))))
}

/// Returns `true` if Kinde asks the Account API for roles although the call does not say so.
fn fetches_roles(case: &Case) -> bool {
    case.claims.is_some()
        && !case.is_sync()
        && reads(case).any(|kind| kind == Kind::Roles)
        && case.claim("roles").is_none()
}

/// Returns the answer from the token alone.
fn without_fetch(case: &Case) -> Answer {
    if case.is_has() {
        let others = Answer::recorded(case) == Answer::Value(json!(true)) || case.call == "has_roles";
        return Answer::Value(json!(others && case.claim_of(Kind::Roles).is_some() && holds_all_roles(case)));
    }
    Answer::Value(case.claim_of(Kind::Roles).cloned().unwrap_or_else(|| json!([])))
}

/// Returns `true` if a flag named without a value exists and is not `true`.
fn names_a_flag_that_is_not_true(case: &Case) -> bool {
    let is_other = |key: &str| {
        let value = if case.is_forced(Kind::FeatureFlags) {
            api_flag(case, "key", key)
        } else {
            token_flag(case, key)
        };
        value.is_some_and(|value| *value != Value::Bool(true))
    };
    let bare = case.wanted(Kind::FeatureFlags).iter().filter_map(|entry| item(Kind::FeatureFlags, entry));
    bare.filter(|item| item.value.is_none()).any(|item| is_other(item.key))
}

fn token_flag<'c>(case: &'c Case, key: &str) -> Option<&'c Value> {
    case.claim_of(Kind::FeatureFlags)?.get(key)?.get("v")
}

/// Returns the value of the flag whose `member` equals `wanted`, from all pages of the Account API.
fn api_flag<'c>(case: &'c Case, member: &str, wanted: &str) -> Option<&'c Value> {
    let pages = case.api.get(Kind::FeatureFlags.path())?;
    let flags = pages.iter().filter_map(|page| page["data"]["feature_flags"].as_array()).flatten();
    flags.filter(|flag| flag[member] == wanted).map(|flag| &flag["value"]).next()
}

fn is_flag_by_name(case: &Case) -> bool {
    let wanted = case.text_arg("flag");
    case.call == "get_flag"
        && case.is_live()
        && api_flag(case, "name", wanted) != api_flag(case, "key", wanted)
}

/// Returns `true` if the call asks the Account API for a kind for which it fails.
fn fails(case: &Case, kind: Kind) -> bool {
    let is_failure = |page: &Value| page.get("status").or_else(|| page.get("network_error")).is_some();
    let pages = case.api.get(kind.path());
    !case.wanted(kind).is_empty()
        && case.is_forced(kind)
        && pages.is_none_or(|pages| pages.is_empty() || pages.iter().any(is_failure))
}

fn leaves_out(case: &Case, recorded: &Answer) -> bool {
    let Answer::Value(recorded) = recorded else { return false };
    match case.getter() {
        _ if case.claims.is_none() => false,
        "get_permissions" | "get_permission" => recorded.is_object() && recorded.get("orgCode").is_none(),
        "get_flags" => recorded.is_null(),
        _ => false,
    }
}

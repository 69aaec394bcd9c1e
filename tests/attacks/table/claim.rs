//! Claims that grant rights.

use kinde_perms::TokenError;
use kinde_perms_testkit::TokenBuilder;
use serde_json::{Value, json};

use crate::attack::{Answer, Attack, Case, accepted, not_applicable, refused};
use crate::stage::Stage;
use crate::wire::Request;

const NO_STEP_UP: &str = "step-up authentication (RFC 9470) is not offered";

pub(crate) fn attacks() -> Vec<Attack> {
    [people(), permissions(), scopes(), roles(), step_up()].into_iter().flatten().collect()
}

/// A request to a route with a token of these claims.
pub(crate) fn call(stage: &Stage, path: &str, claims: &Value, answer: Answer) -> Case {
    let what = format!("{path} with {claims}");
    let members = claims.as_object().unwrap().clone();
    let bare = stage.token().without("scp");
    let token =
        members.into_iter().fold(bare, |token: TokenBuilder, (name, value)| token.claim(&name, value));
    Case::request(what, Request::get(path).bearer(&token.sign()), answer)
}

fn people() -> Vec<Attack> {
    vec![
        refused("claim-01").choice("a user's token needs `sub`; only a machine's has none").tokens(|stage| {
            let invalid = |value: Value| {
                let what = value.to_string();
                Case::refused(what, stage.token().claim("sub", value).sign(), TokenError::InvalidClaim("sub"))
            };
            let missing = stage.token().without("sub").sign();
            let machine = stage.token().machine();
            vec![
                Case::refused("missing", missing, TokenError::MissingClaim("sub")),
                invalid(json!("")),
                invalid(json!(1)),
                invalid(json!(null)),
                invalid(json!(["kp_1"])),
                Case::accepted("control: a machine has none", machine.clone().sign()),
                Case::refused(
                    "a machine's, empty",
                    machine.claim("sub", "").sign(),
                    TokenError::InvalidClaim("sub"),
                ),
            ]
        }),
        refused("claim-09").tokens(|stage| {
            vec![
                call(stage, "/org", &json!({ "org_code": "org_other" }), Answer::Denied),
                call(stage, "/org", &json!({ "org_code": ["org_8f3c1d5e7a2"] }), Answer::Denied),
                call(
                    stage,
                    "/org",
                    &json!({ "org_code": null, "x-hasura-org-code": "org_other" }),
                    Answer::Denied,
                ),
                call(stage, "/org", &json!({ "org_code": "org_8f3c1d5e7a2" }), Answer::Accepted),
            ]
        }),
    ]
}

fn permissions() -> Vec<Attack> {
    vec![
        refused("claim-03")
            .choice("one element of a wrong type makes the whole claim unknown: nothing is held")
            .tokens(|stage| {
                [
                    json!([1, null, { "x": 1 }, ["read:todos"]]),
                    json!(["read:todos", 1]),
                    json!(["read:todos", null]),
                    json!([["read:todos"]]),
                    json!({ "read:todos": true }),
                    json!("read:todos"),
                    json!(true),
                ]
                .map(|value| call(stage, "/todos", &json!({ "permissions": value }), Answer::Denied))
                .into()
            }),
    ]
}

fn scopes() -> Vec<Attack> {
    vec![
        refused("claim-05")
            .choice(
                "`scope` is split at single blanks and nowhere else; a blank too many is an empty scope, which no rule can \
                 name",
            )
            .tokens(|stage| {
                let scope = |path, scope: &str, answer| call(stage, path, &json!({ "scope": scope }), answer);
                vec![
                    scope("/read", "read:a\twrite:b", Answer::Denied),
                    scope("/write", "read:a\twrite:b", Answer::Denied),
                    scope("/read", "read:a,write:b", Answer::Denied),
                    scope("/write", "read:a\nwrite:b", Answer::Denied),
                    scope("/read", "read:a\u{a0}write:b", Answer::Denied),
                    scope("/read", "read:abc", Answer::Denied),
                    scope("/read", "xread:a", Answer::Denied),
                    scope("/read", "READ:A", Answer::Denied),
                    scope("/read", "", Answer::Denied),
                    call(stage, "/read", &json!({}), Answer::Denied),
                    scope("/read", "read:a  write:b", Answer::Accepted),
                    scope("/write", "read:a write:b", Answer::Accepted),
                ]
            }),
        accepted("claim-06")
            .choice("an array of strings is read as such, which is what Kinde's `scp` is; any other element voids it")
            .tokens(|stage| {
                vec![
                    call(stage, "/read", &json!({ "scope": ["read:a"] }), Answer::Accepted),
                    call(stage, "/read", &json!({ "scope": ["read:a write:b"] }), Answer::Denied),
                    call(stage, "/read", &json!({ "scope": ["read:a", 1] }), Answer::Denied),
                    call(stage, "/read", &json!({ "scope": { "read:a": true } }), Answer::Denied),
                ]
            }),
    ]
}

fn roles() -> Vec<Attack> {
    vec![
        accepted("claim-07").tokens(|stage| {
            let role = |key: &str, name: &str| json!([{ "id": "1", "key": key, "name": name }]);
            vec![
                call(stage, "/admin", &json!({ "roles": role("admin", "Admin") }), Answer::Accepted),
                call(stage, "/admin", &json!({ "roles": role("boss", "admin") }), Answer::Denied),
                call(stage, "/admin", &json!({ "roles": ["admin"] }), Answer::Accepted),
            ]
        }),
        refused("claim-08").tokens(|stage| {
            [
                json!([{ "key": "user", "name": "admin" }]),
                json!([{ "key": "user", "id": "admin" }]),
                json!([{ "name": "admin" }]),
                json!([{ "key": ["admin"] }]),
                json!([{ "key": "admin" }, { "name": "admin" }]),
                json!("admin"),
                json!({ "admin": true }),
            ]
            .map(|roles| call(stage, "/admin", &json!({ "roles": roles }), Answer::Denied))
            .into()
        }),
    ]
}

fn step_up() -> Vec<Attack> {
    ["claim-11", "claim-12", "claim-13"].map(|id| not_applicable(id, NO_STEP_UP)).into()
}

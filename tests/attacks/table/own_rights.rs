//! Our own attacks on the rights that a token grants.

use kinde_perms::TokenError;
use serde_json::{Value, json};

use super::claim::call;
use crate::attack::{Answer, Attack, Case, accepted, refused};
use crate::stage::Stage;
use crate::wire::Request;

pub(crate) fn attacks() -> Vec<Attack> {
    [spellings(), shapes(), sources(), principals(), organizations(), issuers()]
        .into_iter()
        .flatten()
        .collect()
}

fn permissions(stage: &Stage, value: &Value, answer: Answer) -> Case {
    call(stage, "/todos", &json!({ "permissions": value }), answer)
}

fn spellings() -> Vec<Attack> {
    vec![
        refused("own-look-alikes")
            .own("permissions that look like another in some script or normal form")
            .tokens(|stage| {
                [
                    "re\u{430}d:todos", // Cyrillic
                    "read\u{ff1a}todos",
                    "\u{ff52}ead:todos",
                    "read:todo\u{17f}", // long s, an s after normalisation (NFKC)
                    "read\u{a789}todos",
                    "re\u{301}ad:todos",
                    "read:todos\u{301}",
                    "read\u{200b}:todos",
                    "read:todos\u{fe0f}",
                    "\u{202e}sodot:daer",
                ]
                .map(|key| permissions(stage, &json!([key]), Answer::Denied))
                .into()
            }),
        refused("own-near-misses").own("permissions that are almost another").tokens(|stage| {
            [
                "READ:TODOS",
                "Read:todos",
                "read:todos ",
                " read:todos",
                "read:todos\0",
                "read:todos\n",
                "read:todo",
                "read:todoss",
                "*",
                "read:*",
                "read",
                "todos",
                "",
                "read:todos,create:todos",
                "read:todos create:todos",
                "[\"read:todos\"]",
                "permissions:read:todos",
                "read%3Atodos",
                "read\\u003atodos",
            ]
            .map(|key| permissions(stage, &json!([key]), Answer::Denied))
            .into()
        }),
        accepted("own-many-permissions")
            .own("a thousand permissions, and the same one over and over")
            .tokens(|stage| {
                let many: Vec<String> = (0..900).map(|number| format!("p:{number}")).collect();
                let held: Vec<&str> = many.iter().map(String::as_str).chain(["read:todos"]).collect();
                vec![
                    permissions(stage, &json!(many), Answer::Denied),
                    permissions(stage, &json!(held), Answer::Accepted),
                    permissions(stage, &json!(vec!["read:todos"; 800]), Answer::Accepted),
                ]
            }),
    ]
}

fn shapes() -> Vec<Attack> {
    vec![
        refused("own-prototypes").own("claims with names that mean something to other languages").tokens(
            |stage| {
                let roles = |value: Value| call(stage, "/admin", &json!({ "roles": value }), Answer::Denied);
                vec![
                    roles(json!([{ "__proto__": { "key": "admin" }, "key": "user" }])),
                    roles(json!([{ "__proto__": { "key": "admin" } }])),
                    roles(json!([{ "constructor": { "prototype": { "key": "admin" } }, "key": "user" }])),
                    roles(json!([{ "key": "user", "toString": "admin" }])),
                    roles(json!({ "0": "admin", "length": 1 })),
                    call(stage, "/admin", &json!({ "__proto__": { "roles": ["admin"] } }), Answer::Denied),
                    permissions(stage, &json!({ "0": "read:todos", "length": 1 }), Answer::Denied),
                    permissions(
                        stage,
                        &json!(["__proto__", "constructor", "hasOwnProperty"]),
                        Answer::Denied,
                    ),
                ]
            },
        ),
        refused("own-unknown-negated")
            .own("a claim that cannot be read, where a rule forbids something of it")
            .tokens(|stage| {
                let guest = |claims: Value, answer| call(stage, "/guest", &claims, answer);
                vec![
                    guest(json!({ "roles": ["guest"] }), Answer::Denied),
                    guest(json!({ "roles": [{ "key": "guest" }] }), Answer::Denied),
                    guest(json!({}), Answer::Denied),
                    guest(json!({ "roles": null }), Answer::Denied),
                    guest(json!({ "roles": "guest" }), Answer::Denied),
                    guest(json!({ "roles": [1] }), Answer::Denied),
                    guest(json!({ "roles": ["user", { "name": "x" }] }), Answer::Denied),
                    guest(json!({ "roles": ["user"] }), Answer::Accepted),
                    guest(json!({ "roles": [] }), Answer::Accepted),
                ]
            }),
    ]
}

fn sources() -> Vec<Attack> {
    vec![
        refused("own-both-scopes").own("`scp` and `scope` that differ: only `scp` counts").tokens(|stage| {
            let read = |claims: Value, answer| call(stage, "/read", &claims, answer);
            vec![
                read(json!({ "scp": ["other"], "scope": "read:a" }), Answer::Denied),
                read(json!({ "scp": [], "scope": "read:a" }), Answer::Denied),
                read(json!({ "scp": [1], "scope": "read:a" }), Answer::Denied),
                read(json!({ "scp": ["read:a"], "scope": "other" }), Answer::Accepted),
                read(json!({ "scp": null, "scope": "read:a" }), Answer::Accepted),
            ]
        }),
        refused("own-twins").own("the Hasura name of a claim beside one that cannot be read").tokens(
            |stage| {
                let todos = |claims: Value, answer| call(stage, "/todos", &claims, answer);
                vec![
                    todos(
                        json!({ "permissions": "x", "x-hasura-permissions": ["read:todos"] }),
                        Answer::Denied,
                    ),
                    todos(
                        json!({ "permissions": [], "x-hasura-permissions": ["read:todos"] }),
                        Answer::Denied,
                    ),
                    todos(
                        json!({ "permissions": [1], "x-hasura-permissions": ["read:todos"] }),
                        Answer::Denied,
                    ),
                    todos(json!({ "X-Hasura-Permissions": ["read:todos"] }), Answer::Denied),
                    todos(json!({ "x-hasura-permissions": ["read:todos"] }), Answer::Accepted),
                ]
            },
        ),
        refused("own-other-claims").own("rights under names of other providers").tokens(|stage| {
            [
                "scope",
                "scp",
                "authorities",
                "groups",
                "realm_access",
                "https://hasura.io/jwt/claims",
                "permission",
                "perms",
            ]
            .map(|name| call(stage, "/todos", &json!({ name: ["read:todos"] }), Answer::Denied))
            .into_iter()
            .chain([call(
                stage,
                "/admin",
                &json!({ "role": "admin", "permissions": ["admin"], "scp": ["admin"] }),
                Answer::Denied,
            )])
            .collect()
        }),
    ]
}

fn principals() -> Vec<Attack> {
    vec![
        refused("own-grant-type")
            .own("a `gty` that makes a machine of a user, or a user of a machine")
            .tokens(|stage| {
                let user = |claims: Value, answer| call(stage, "/user", &claims, answer);
                let typed = |value: Value| {
                    let what = value.to_string();
                    Case::refused(
                        what,
                        stage.token().claim("gty", value).sign(),
                        TokenError::InvalidClaim("gty"),
                    )
                };
                let nobody = |grants: Value| {
                    let what = format!("no sub, {grants}");
                    let token = stage.token().without("sub").claim("gty", grants).sign();
                    Case::refused(what, token, TokenError::MissingClaim("sub"))
                };
                vec![
                    typed(json!([1])),
                    typed(json!({ "client_credentials": true })),
                    typed(json!(1)),
                    nobody(json!([])),
                    nobody(json!(["authorization_code"])),
                    nobody(json!(["CLIENT_CREDENTIALS"])),
                    nobody(json!("client_credentials ")),
                    user(json!({ "gty": ["client_credentials"] }), Answer::Denied),
                    user(json!({ "gty": ["authorization_code", "client_credentials"] }), Answer::Denied),
                    user(json!({ "gty": "client_credentials" }), Answer::Denied),
                    user(json!({}), Answer::Accepted),
                ]
            }),
    ]
}

fn organizations() -> Vec<Attack> {
    vec![
        refused("own-organisation").own("an organisation that is almost another").tokens(|stage| {
            [
                "ORG_8F3C1D5E7A2",
                "org_8f3c1d5e7a2 ",
                "org_8f3c1d5e7a2\0",
                "org_8f3c1d5e7a",
                "org_8f3c1d5e7a22",
                "*",
                "",
            ]
            .map(|code| call(stage, "/org", &json!({ "org_code": code }), Answer::Denied))
            .into_iter()
            .chain([call(
                stage,
                "/org",
                &json!({ "org_code": null, "org_codes": ["org_8f3c1d5e7a2"] }),
                Answer::Denied,
            )])
            .collect()
        }),
        refused("own-aud-control").own("an `aud` with a NUL, a space or another invisible character").tokens(
            |stage| {
                let api = stage.issuer.audience();
                let variants = [
                    format!("{api}\0"),
                    format!("{api}\0.evil"),
                    format!("{api} "),
                    format!(" {api}"),
                    format!("{api}\n"),
                    format!("{api}\u{200b}"),
                    format!("{api}#"),
                    format!("{api}?"),
                    format!("{api}:443"),
                ];
                let mixed = json!([format!("{api}\0"), "https://other"]);
                variants
                    .map(|audience| json!(audience))
                    .into_iter()
                    .chain([mixed])
                    .map(|audience| {
                        let what = audience.to_string();
                        Case::refused(
                            what,
                            stage.token().claim("aud", audience).sign(),
                            TokenError::WrongAudience,
                        )
                    })
                    .collect()
            },
        ),
    ]
}

fn issuers() -> Vec<Attack> {
    vec![
        refused("own-iss").own("an `iss` of another type, or spelt otherwise").tokens(|stage| {
            let url = stage.issuer.url();
            let invalid = [json!([url]), json!({ "iss": url }), json!(null), json!(1)].map(|issuer| {
                let what = issuer.to_string();
                Case::refused(
                    what,
                    stage.token().claim("iss", issuer).sign(),
                    TokenError::InvalidClaim("iss"),
                )
            });
            let others = [
                url.to_uppercase(),
                url.replace("http:", "https:"),
                url.replace("127.0.0.1", "localhost"),
                format!("{url}\0"),
                format!("{url}#"),
                format!("{url}?"),
                url.replace("http://", "http://user@"),
                url.replace("http://", "//"),
                url.replace("http://", ""),
                String::new(),
                "https://attacker.example".to_owned(),
                format!("{url}.attacker.example"),
            ];
            let others = others.map(|issuer| {
                Case::refused(issuer.clone(), stage.token().issuer(&issuer).sign(), TokenError::WrongIssuer)
            });
            let missing = Case::refused(
                "missing",
                stage.token().without("iss").sign(),
                TokenError::MissingClaim("iss"),
            );
            invalid.into_iter().chain(others).chain([missing]).collect()
        }),
        accepted("own-nobody").own("an optional token: absent it is nobody's, bad it is refused").tokens(
            |stage| {
                let maybe = || Request::get("/maybe");
                vec![
                    Case::request("absent", maybe(), Answer::Accepted),
                    Case::request("good", maybe().bearer(&stage.token().sign()), Answer::Accepted),
                    Case::request(
                        "expired",
                        maybe().bearer(&stage.token().expired().sign()),
                        Answer::Refused(TokenError::Expired),
                    ),
                    Case::request("garbage", maybe().bearer("a.b.c"), Answer::Refused(TokenError::Malformed)),
                    Case::request("empty", maybe().authorization("Bearer "), Answer::InvalidRequest),
                    Case::request(
                        "another scheme",
                        maybe().authorization("Basic dTpw"),
                        Answer::NoCredentials,
                    ),
                ]
            },
        ),
    ]
}

//! The text and JSON of refusals.

use serde_json::{Value, json};

use super::model::{Ast, Field, Token, token};
use crate::{ClaimFault, Decision, Denied, Kind, Missing, Rule};

fn refusal(rule: &str, token: &Token) -> Denied {
    match rule.parse::<Rule>().unwrap().decide(token) {
        Decision::Deny(denied) => denied,
        Decision::Allow => panic!("`{rule}` holds"),
    }
}

fn ordinary() -> Token {
    Token {
        permissions: Field::Is(["a"].into()),
        roles: Field::Is(["guest"].into()),
        flags: Field::Is([("theme", json!("light"))].into()),
        org: Field::Is("org_1"),
        ..Token::empty()
    }
}

#[test]
fn a_refusal_is_one_sentence() {
    let cases = [
        (r#"permissions = ["delete:todos"]"#, "token lacks permission `delete:todos`"),
        (
            r#"permissions = ["delete:todos", "a"], roles = ["admin"]"#,
            "token lacks permission `delete:todos` and role `admin`",
        ),
        (
            r#"permissions = ["c", "b"], scopes = ["s"]"#,
            "token lacks permission `b`, permission `c` and scope `s`",
        ),
        (
            r#"feature_flags = ["beta", "theme" = "dark"], org = "org_2", principal = machine"#,
            "token lacks feature flag `beta`, feature flag `theme = \"dark\"`, organization `org_2` and principal `machine`",
        ),
        (r#"not(roles = ["guest"])"#, "token holds role `guest`, which the rule excludes"),
        (
            r#"permissions = ["b"], not(permissions = ["a"], roles = ["guest"])"#,
            "token lacks permission `b`; token holds permission `a` and role `guest`, which the rule excludes",
        ),
        ("not(authenticated)", "no token can satisfy this rule"),
        // One thing cures both parts, which neither part shows alone.
        (r#"any(permissions = ["b", "c"]), any(permissions = ["c", "d"])"#, "token lacks permission `c`"),
        (
            r#"any(permissions = ["b", "d"]), any(permissions = ["c", "d"], roles = ["guest"])"#,
            "token lacks permission `b`",
        ),
    ];
    for (rule, expected) in cases {
        assert_eq!(refusal(rule, &ordinary()).to_string(), expected, "{rule}");
    }
}

#[test]
fn unknown_claims_are_named_once_with_their_fault() {
    let token = Token {
        permissions: Field::Malformed,
        scopes: Field::Malformed,
        flags: Field::Malformed,
        org: Field::Malformed,
        ..Token::empty()
    };
    let cases = [
        (r#"roles = ["admin", "owner"], not(roles = ["guest"])"#, "token carries no roles claim"),
        (r#"permissions = ["a"]"#, "token carries a malformed permissions claim"),
        (r#"not(permissions = ["a"])"#, "token carries a malformed permissions claim"),
        (r#"scopes = ["a"]"#, "token carries a malformed scp claim"),
        (r#"not(feature_flags = ["x"])"#, "token carries a malformed feature_flags claim"),
        (
            r#"org = "org_1", principal = machine"#,
            "token lacks principal `machine`; token carries a malformed org_code claim",
        ),
    ];
    for (rule, expected) in cases {
        assert_eq!(refusal(rule, &token).to_string(), expected, "{rule}");
    }
    let roles = refusal(r#"roles = ["admin"]"#, &token);
    assert_eq!(roles.missing(), [Missing::ClaimUnknown { claim: "roles", fault: ClaimFault::Absent }]);
}

#[test]
fn the_nearest_of_several_alternatives_is_named() {
    let cases = [
        // The fewest things.
        (r#"any(permissions = ["z"], all(permissions = ["b", "c"]))"#, "token lacks permission `z`"),
        (r#"any(permissions = ["z"], all(permissions = ["a", "b"]))"#, "token lacks permission `b`"),
        // A reason that a grant cures comes before one that no grant cures.
        (r#"any(scopes = ["s"], not(permissions = ["a"]))"#, "token lacks scope `s`"),
        (
            r#"any(all(permissions = ["b"], not(permissions = ["a"])), all(permissions = ["z"], scopes = ["s"]))"#,
            "token lacks permission `z` and scope `s`",
        ),
        // The order of the normal form.
        (r#"any(roles = ["x"], permissions = ["y", "z"])"#, "token lacks permission `y`"),
        // Each `any` on its own.
        (
            r#"any(permissions = ["b", "c"]), any(roles = ["x", "y"])"#,
            "token lacks permission `b` and role `x`",
        ),
    ];
    for (rule, expected) in cases {
        assert_eq!(refusal(rule, &ordinary()).to_string(), expected, "{rule}");
    }
    let no_roles = Token { roles: Field::Absent, ..ordinary() };
    assert_eq!(
        refusal(r#"any(roles = ["admin"], permissions = ["b"])"#, &no_roles).to_string(),
        "token lacks permission `b`"
    );
}

#[test]
fn a_flag_of_another_type_is_called_incomparable() {
    let flags = [("theme", json!("dark")), ("seats", json!("5")), ("beta", Value::Null)];
    let token = Token { flags: Field::Is(flags.into()), ..ordinary() };
    for rule in [r#"feature_flags = ["theme"]"#, r#"not(feature_flags = ["theme"])"#] {
        assert_eq!(
            refusal(rule, &token).to_string(),
            "token has another type of value for feature flag `theme`",
            "{rule}"
        );
    }
    let rule = r#"permissions = ["b"], feature_flags = ["seats" = 5, "new"], not(feature_flags = ["beta"])"#;
    assert_eq!(
        refusal(rule, &token).to_string(),
        "token lacks permission `b` and feature flag `new`; \
         token has another type of value for feature flag `beta` and feature flag `seats = 5`"
    );
    assert_eq!(
        json(rule, &token),
        json!({
            "permissions": ["b"], "feature_flags": [{"name": "new"}],
            "incomparable": {"feature_flags": [{"name": "beta"}, {"name": "seats", "value": 5}]},
        })
    );
}

fn json(rule: &str, token: &Token) -> Value {
    serde_json::to_value(refusal(rule, token)).unwrap()
}

#[test]
fn the_json_form_is_stable() {
    assert_eq!(
        json(r#"permissions = ["delete:todos"], roles = ["admin"]"#, &ordinary()),
        json!({"permissions": ["delete:todos"], "roles": ["admin"]})
    );
    assert_eq!(
        json(
            r#"scopes = ["s"], feature_flags = ["beta", "seats" = 5, "theme" = "dark", "new" = true], org = "org_2",
               principal = machine, not(permissions = ["a"], feature_flags = ["theme" = "light"], org = "org_1")"#,
            &ordinary()
        ),
        json!({
            "scopes": ["s"],
            "feature_flags": [
                {"name": "beta"}, {"name": "new"}, {"name": "seats", "value": 5},
                {"name": "theme", "value": "dark"},
            ],
            "org": ["org_2"],
            "principal": ["machine"],
            "withheld": {
                "permissions": ["a"], "feature_flags": [{"name": "theme", "value": "light"}], "org": ["org_1"],
            },
        })
    );
    let unknown = Token { permissions: Field::Malformed, ..Token::empty() };
    assert_eq!(
        json(r#"permissions = ["a"], roles = ["admin"]"#, &unknown),
        json!({"unknown_claims": {"permissions": "malformed", "roles": "absent"}})
    );
    assert_eq!(json("not(authenticated)", &ordinary()), json!({}));
}

#[test]
fn the_challenge_names_missing_permissions_and_scopes_only() {
    let denied = refusal(
        r#"permissions = ["b", "c"], scopes = ["s"], roles = ["admin"], org = "org_2", not(permissions = ["a"])"#,
        &ordinary(),
    );
    assert_eq!(denied.missing_scopes().collect::<Vec<_>>(), ["b", "c", "s"]);
}

/// A tree built by hand escapes the macros' check; its keys must not escape into a header.
#[test]
fn an_unchecked_key_stays_out_of_the_challenge() {
    for bad in ["a b", "a\"", "a\r\nX: y", ""] {
        let rule = Ast::Leaf(token(Kind::Permissions, bad)).requirement();
        let denied = rule.decide(&Token::empty()).into_result().unwrap_err();
        assert_eq!(denied.missing_scopes().count(), 0, "{bad:?}");
    }
}

#[test]
fn a_refusal_is_an_error() {
    let denied: Box<dyn std::error::Error + Send + Sync> = refusal(r#"scopes = ["s"]"#, &ordinary()).into();
    assert_eq!(denied.to_string(), "token lacks scope `s`");
}

mod facts;

use serde_json::{Value, json};

use super::flags::Flag;
use super::*;
use crate::policy::{ClaimFault, Facts as _, Kind, Leaf, Principal, Rule, Source, Standing};

fn token(kind: Kind, key: &str) -> Leaf<'_> {
    Leaf::new(Source::Token, kind, key, None)
}

fn user() -> Value {
    json!({"iss": "https://acme.kinde.com", "aud": ["api"], "exp": 2_000, "sub": "kp_1"})
}

fn with(members: Value) -> Value {
    let mut all = user();
    if let (Value::Object(all), Value::Object(members)) = (&mut all, members) {
        all.extend(members);
    }
    all
}

fn read(payload: &Value) -> Result<Claims, ClaimError> {
    Claims::from_payload(payload.to_string())
}

fn claims(members: Value) -> Claims {
    read(&with(members)).unwrap()
}

fn error(members: Value) -> ClaimError {
    read(&with(members)).unwrap_err()
}

fn without(name: &str) -> ClaimError {
    let mut payload = user();
    payload.as_object_mut().unwrap().remove(name);
    read(&payload).unwrap_err()
}

#[test]
fn reads_the_registered_claims() {
    let claims =
        claims(json!({"azp": "client", "jti": "id", "iat": 1_000, "nbf": 1_001, "org_code": "org_1"}));
    assert_eq!(claims.issuer(), "https://acme.kinde.com");
    assert_eq!(claims.audience().iter().collect::<Vec<_>>(), ["api"]);
    assert_eq!(claims.subject(), Some("kp_1"));
    assert_eq!(claims.authorized_party(), Some("client"));
    assert_eq!(claims.token_id(), Some("id"));
    assert_eq!(claims.expires_at(), 2_000);
    assert_eq!(claims.issued_at(), Some(1_000));
    assert_eq!(claims.not_before(), Some(1_001));
    assert_eq!(claims.org_code(), Some("org_1"));
    assert_eq!(claims.principal(), Principal::User);
}

#[test]
fn requires_issuer_expiry_and_the_subject_of_a_user() {
    for name in ["iss", "exp", "sub"] {
        assert_eq!(without(name), ClaimError::Missing(name));
    }
    assert_eq!(error(json!({"sub": ""})), ClaimError::Invalid("sub"));
}

#[test]
fn a_machine_has_no_subject() {
    let mut payload = with(json!({"gty": ["client_credentials"], "scope": "read:users write:flags"}));
    payload.as_object_mut().unwrap().remove("sub");
    let machine = read(&payload).unwrap();
    assert_eq!(machine.principal(), Principal::Machine);
    assert_eq!(machine.subject(), None);
    assert_eq!(machine.standing(&token(Kind::Scopes, "write:flags")), Standing::Held);
    assert_eq!(machine.standing(&token(Kind::Permissions, "write:flags")), Standing::Lacking);
    assert_eq!(error(json!({"gty": 7})), ClaimError::Invalid("gty"));
}

#[test]
fn a_registered_claim_of_the_wrong_type_refuses_the_token() {
    for name in ["iss", "sub", "azp", "jti", "exp", "nbf", "iat"] {
        for wrong in [json!(null), json!(true), json!([]), json!({}), json!(["https://acme.kinde.com"])] {
            let mut members = serde_json::Map::new();
            members.insert(name.to_owned(), wrong);
            assert_eq!(error(Value::Object(members)), ClaimError::Invalid(name));
        }
    }
    for name in ["exp", "nbf", "iat"] {
        let mut members = serde_json::Map::new();
        members.insert(name.to_owned(), json!("2000"));
        assert_eq!(error(Value::Object(members)), ClaimError::Invalid(name), "CVE-2026-25537");
    }
}

#[test]
fn a_numeric_date_is_between_1970_and_9999_and_a_fraction_shortens_the_life() {
    for wrong in
        [json!(-1), json!(253_402_300_800_u64), json!(u64::MAX), json!(1e19), json!(1e308), json!(-0.5)]
    {
        assert_eq!(error(json!({"exp": wrong})), ClaimError::Invalid("exp"), "{wrong}");
    }
    assert_eq!(claims(json!({"exp": 253_402_300_799_u64})).expires_at(), 253_402_300_799);
    assert_eq!(claims(json!({"exp": 60.5})).expires_at(), 60);
    assert_eq!(claims(json!({"nbf": 60.5})).not_before(), Some(61));
}

#[test]
fn an_audience_that_is_neither_a_string_nor_an_array_of_strings_is_empty() {
    assert!(claims(json!({"aud": "api"})).audience().contains("api"));
    assert!(claims(json!({"aud": ["other", "api"]})).audience().contains("api"));
    for wrong in [json!(null), json!(1), json!(["api", 1]), json!([["api"]]), json!({"0": "api"}), json!([])]
    {
        assert!(!claims(json!({"aud": wrong})).audience().contains("api"), "{wrong}");
    }
    for near in ["AP", "api/", "API", "https://api", ""] {
        assert!(!claims(json!({"aud": "api"})).audience().contains(near), "{near}");
    }
}

#[test]
fn tells_id_tokens_webhooks_and_bound_tokens_from_access_tokens() {
    for member in ["at_hash", "c_hash", "nonce"] {
        let mut members = serde_json::Map::new();
        members.insert(member.to_owned(), json!("x"));
        assert_eq!(error(Value::Object(members)), ClaimError::Purpose(Purpose::Identity));
    }
    for second in [json!({"event_id": "e", "data": {}}), json!({"event_id": "e", "type": "user.updated"})] {
        assert_eq!(error(second), ClaimError::Purpose(Purpose::Webhook));
    }
    assert_eq!(error(json!({"cnf": {"jkt": "x"}})), ClaimError::Purpose(Purpose::Bound));
    assert!(read(&with(json!({"auth_time": 1_000, "event_id": "mine"}))).is_ok());
}

#[test]
fn absent_and_null_permissions_hold_nothing() {
    for members in [json!({}), json!({"permissions": null})] {
        let claims = claims(members);
        assert_eq!(claims.standing(&token(Kind::Permissions, "a")), Standing::Lacking);
        assert_eq!(claims.permissions().iter().count(), 0);
    }
}

#[test]
fn malformed_claims_are_unknown_as_a_whole() {
    for wrong in [json!("create:todos"), json!(["create:todos", 1]), json!({"create:todos": true}), json!(1)]
    {
        let claims = claims(json!({"permissions": wrong, "scp": wrong}));
        assert_eq!(claims.standing(&token(Kind::Permissions, "create:todos")), Standing::Unknown);
        assert!(!claims.permission("create:todos").is_granted());
    }
    let claims = claims(json!({"roles": [{"id": "1"}], "feature_flags": {"x": true}, "org_code": 1}));
    assert_eq!(claims.standing(&token(Kind::Roles, "admin")), Standing::Unknown);
    assert_eq!(claims.standing(&token(Kind::FeatureFlags, "x")), Standing::Unknown);
    assert_eq!(claims.standing(&token(Kind::Organization, "org_1")), Standing::Unknown);
}

#[test]
fn absent_roles_are_unknown() {
    assert_eq!(claims(json!({})).standing(&token(Kind::Roles, "admin")), Standing::Unknown);
    assert_eq!(claims(json!({})).fault(&token(Kind::Roles, "admin")), ClaimFault::Absent);
    assert_eq!(claims(json!({"roles": []})).standing(&token(Kind::Roles, "admin")), Standing::Lacking);
}

#[test]
fn roles_match_by_key_in_both_forms() {
    let strings = claims(json!({"roles": ["admin", "owner"]}));
    assert_eq!(strings.standing(&token(Kind::Roles, "owner")), Standing::Held);
    let objects = claims(json!({"roles": [{"id": "1", "key": "user", "name": "admin"}]}));
    assert_eq!(objects.standing(&token(Kind::Roles, "user")), Standing::Held);
    assert_eq!(objects.standing(&token(Kind::Roles, "admin")), Standing::Lacking, "a name is not a key");
    assert_eq!(
        serde_json::to_value(objects.roles()).unwrap(),
        json!([{"id": "1", "key": "user", "name": "admin"}])
    );
}

#[test]
fn hasura_names_are_read_when_kindes_own_are_absent_or_null() {
    let mapped = claims(json!({
        "permissions": null,
        "x-hasura-permissions": ["a"],
        "x-hasura-org-code": "org_1",
        "x-hasura-roles": [{"id": "1", "key": "admin", "name": "Admin"}],
        "x-hasura-feature-flags": {"beta": {"t": "b", "v": true}},
    }));
    assert!(mapped.permission("a").is_granted());
    assert_eq!(mapped.org_code(), Some("org_1"));
    assert_eq!(mapped.standing(&token(Kind::Roles, "admin")), Standing::Held);
    assert_eq!(mapped.standing(&token(Kind::FeatureFlags, "beta")), Standing::Held);
    let both = claims(json!({"permissions": ["b"], "x-hasura-permissions": ["a"]}));
    assert!(!both.permission("a").is_granted());
}

#[test]
fn scope_is_split_on_single_spaces() {
    let scopes = |scope: &str| {
        let claims = claims(json!({"scope": scope}));
        claims.scopes().iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(scopes("read:a write:b"), ["read:a", "write:b"]);
    assert_eq!(scopes("read:a\twrite:b"), ["read:a\twrite:b"]);
    assert_eq!(scopes("read:a,write:b"), ["read:a,write:b"]);
    assert_eq!(scopes(""), [""; 0]);
    let array = claims(json!({"scp": null, "scope": ["read:a"]}));
    assert!(array.scopes().contains("read:a") && !array.scopes().contains("read"));
}

/// Returns the texts between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The table that the documentation of [`FlagValue`] shows, as (value, rule, standing).
fn documented_flags() -> Vec<(Option<&'static str>, String, &'static str)> {
    let table = include_str!("flags.rs").lines().filter_map(|line| line.strip_prefix("/// | "));
    let mut rows = table.map(|row| row.trim_end_matches(" |").split(" | ").collect::<Vec<_>>());
    let columns = rows.next().unwrap();
    let mut documented = Vec::new();
    for row in rows {
        let values = quoted(row[0]).map(Some);
        for value in values.chain((row[0] == "no such flag").then_some(None)) {
            for (column, standing) in columns.iter().zip(&row).skip(1) {
                documented.extend(quoted(column).map(|rule| (value, rule.to_owned(), *standing)));
            }
        }
    }
    documented
}

#[test]
fn every_flag_value_means_what_the_documentation_says() {
    let documented = documented_flags();
    assert_eq!(documented.len(), 27 * 5, "values times rules");
    for (value, rule, expected) in documented {
        let flag = value.map_or(String::new(), |value| format!(r#""x": {{"t": "s", "v": {value}}}"#));
        let claims: Claims = Claims::from_payload(format!(
            r#"{{"iss": "i", "aud": [], "exp": 2000, "sub": "kp_1", "feature_flags": {{{flag}}}}}"#
        ))
        .unwrap();
        let rule: Rule = format!("feature_flags = [{rule}]").parse().unwrap();
        let negated: Rule = format!("not({rule})").parse().unwrap();
        let standing = match (claims.has(&rule), claims.has(&negated)) {
            (true, false) => "held",
            (false, true) => "lacked",
            (false, false) => "unknown",
            (true, true) => "both",
        };
        assert_eq!(standing, expected, "{rule} of {value:?}");
    }
}

#[test]
fn a_malformed_flag_makes_every_flag_unknown_and_an_absent_claim_lacks_them_all() {
    let standing = |flags: Value, name| {
        claims(json!({"feature_flags": flags})).standing(&token(Kind::FeatureFlags, name))
    };
    for malformed in [json!(true), json!({"t": "b"}), json!({"value": true}), json!([true]), Value::Null] {
        let flags = json!({"on": {"t": "b", "v": true}, "x": malformed});
        for name in ["on", "x", "other"] {
            assert_eq!(standing(flags.clone(), name), Standing::Unknown, "{name} in {flags}");
        }
    }
    assert_eq!(standing(Value::Null, "x"), Standing::Lacking);
    assert_eq!(standing(json!({}), "x"), Standing::Lacking);
}

#[test]
fn flags_keep_the_values_of_the_token() {
    let claims = claims(json!({"feature_flags": {
        "on": {"t": "b", "v": true}, "seats": {"t": "i", "v": 5.0}, "theme": {"t": "s", "v": "dark"},
        "odd": {"t": "object", "v": {"a": [1.5, null]}}, "rate": {"t": "i", "v": 0.5},
    }}));
    assert_eq!(claims.feature_flag("seats"), Some(&FlagValue::Integer(5)));
    assert_eq!(claims.feature_flag("rate"), Some(&FlagValue::Other(json!(0.5))));
    let kinde = json!({
        "odd": {"t": "object", "v": {"a": [1.5, null]}}, "on": {"t": "b", "v": true}, "rate": {"t": "i", "v": 0.5},
        "seats": {"t": "i", "v": 5}, "theme": {"t": "s", "v": "dark"},
    });
    assert_eq!(serde_json::to_value(claims.feature_flags()).unwrap(), kinde);
}

#[test]
fn views_serialize_as_in_kindes_sdks() {
    let held = claims(json!({"org_code": "org_1", "permissions": ["create:todos"]}));
    assert_eq!(
        serde_json::to_string(&held.permission("create:todos")).unwrap(),
        r#"{"permissionKey":"create:todos","orgCode":"org_1","isGranted":true}"#
    );
    assert_eq!(
        serde_json::to_string(&held.permissions()).unwrap(),
        r#"{"orgCode":"org_1","permissions":["create:todos"]}"#
    );
    let none = claims(json!({}));
    assert_eq!(serde_json::to_string(&none.permissions()).unwrap(), r#"{"orgCode":null,"permissions":[]}"#);
}

#[test]
fn custom_claims_are_read_from_the_payload() {
    #[derive(serde::Deserialize)]
    struct Tier {
        tier: u8,
    }
    assert_eq!(claims(json!({"tier": 3})).custom::<Tier>().unwrap().tier, 3);
    assert!(claims(json!({"tier": "x"})).custom::<Tier>().is_err());
}

#[test]
fn debug_output_names_the_caller_and_not_the_rights() {
    let text = format!("{:?}", claims(json!({"permissions": ["secret:thing"], "email": "a@example.com"})));
    assert!(text.contains("kp_1") && !text.contains("secret") && !text.contains("example.com"), "{text}");
}

#[test]
fn one_claim_is_returned_as_json() {
    let claims = claims(json!({"plan": {"seats": 18_446_744_073_709_551_615_u64}, "none": null}));
    assert_eq!(claims.claim("plan"), Some(json!({"seats": u64::MAX})));
    assert_eq!(claims.claim("none"), Some(Value::Null));
    assert_eq!(claims.claim("other"), None);
}

#[test]
fn the_answer_without_a_token_has_the_same_shape() {
    let nobody = serde_json::to_value(Permission::not_granted("read:todos")).unwrap();
    assert_eq!(nobody, json!({"permissionKey": "read:todos", "orgCode": null, "isGranted": false}));
    assert_eq!(
        serde_json::to_value(Permissions::default()).unwrap(),
        json!({"orgCode": null, "permissions": []})
    );
}

#[test]
fn flags_are_listed_with_their_types() {
    let claims = claims(json!({"feature_flags": {"b": {"t": "i", "v": 5}, "a": {"v": {"x": 1}}}}));
    let list: Vec<_> = claims.feature_flags().entries().collect();
    assert_eq!(
        serde_json::to_value(&list).unwrap(),
        json!([{"key": "a", "value": {"x": 1}}, {"key": "b", "type": "i", "value": 5}])
    );
    assert_eq!((list[1].key(), list[1].kind()), ("b", Some("i")));
    assert_eq!(list[1].value(), &FlagValue::Integer(5));
}

/// A list of the Account API may have a flag twice.
#[test]
fn a_flag_with_two_values_is_unknown() {
    let flag = |value: &Value| Flag { name: "beta".into(), kind: None, value: value.clone().into() };
    for (values, standing) in [
        ([json!(true), json!(true)], Standing::Held),
        ([json!(true), json!(false)], Standing::Incomparable),
        ([json!(false), json!(true)], Standing::Incomparable),
    ] {
        let flags = FeatureFlags::new(values.iter().map(flag).collect());
        assert_eq!(flags.standing("beta", None), standing, "{values:?}");
    }
}

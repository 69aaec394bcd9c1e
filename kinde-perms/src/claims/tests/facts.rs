//! Facts from claims, compared with an independent reading of the payload.

use kinde_perms_policy::__private::Node;
use kinde_perms_policy::shared::{Liveness, Shape};
use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::super::Claims;
use crate::policy::{
    ClaimFault, Decision, Facts, Kind, Leaf, Literal, Missing, Requirement, Rule, Source, Standing,
};
const KEYS: [&str; 4] = ["a", "b", "read:c", "d"];
const FLAGS: [&str; 3] = ["x", "y", "z"];
const ORGS: [&str; 2] = ["org_1", "org_2"];

/// A claim: absent, `null`, wrong, or right.
fn claim(
    right: impl Strategy<Value = Value> + 'static,
    wrong: &'static [&'static str],
) -> impl Strategy<Value = Option<Value>> {
    let wrong = select(wrong).prop_map(|json| Some(serde_json::from_str(json).unwrap()));
    prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 1 => wrong, 6 => right.prop_map(Some)]
}

fn payload() -> impl Strategy<Value = Value> {
    const NO_KEYS: &[&str] = &["\"a\"", "[\"a\", 1]", "{\"a\": true}", "true", "[[\"a\"]]"];
    // A bare string is a well-formed list of scopes.
    const NO_SCOPES: &[&str] = &["[\"a\", 1]", "{\"a\": true}", "true"];
    let keys = || btree_set(select(&KEYS[..]), 0..4).prop_map(|keys| json!(keys));
    let value =
        select(&["true", "false", "0", "1", "1.0", "1.5", "-1", "\"1\"", "\"true\"", "null", "[]"][..])
            .prop_map(|text| json!({"t": "x", "v": serde_json::from_str::<Value>(text).unwrap()}));
    let flags = btree_map(select(&FLAGS[..]), value, 0..3).prop_map(|flags| json!(flags));
    let machine = any::<bool>().prop_map(|machine| machine.then(|| json!(["client_credentials"])));
    let claims = (
        claim(keys(), NO_KEYS),
        claim(keys(), NO_KEYS),
        claim(keys(), NO_SCOPES),
        claim(flags, &["[\"x\"]", "{\"x\": true}", "1"]),
        claim(select(&ORGS[..]).prop_map(|code| json!(code)), &["1", "[\"org_1\"]"]),
        machine,
    );
    claims.prop_map(|(permissions, roles, scp, feature_flags, org_code, gty)| {
        let mut payload =
            json!({"iss": "https://acme.kinde.com", "aud": ["api"], "exp": 2_000, "sub": "kp_1"});
        let members = ["permissions", "roles", "scp", "feature_flags", "org_code", "gty"];
        for (name, value) in members.into_iter().zip([permissions, roles, scp, feature_flags, org_code, gty])
        {
            if let Some(value) = value {
                payload[name] = value;
            }
        }
        payload
    })
}

fn leaf() -> impl Strategy<Value = Leaf<'static>> {
    let literal = prop_oneof![
        any::<bool>().prop_map(Literal::Bool),
        (-1_i64..2).prop_map(Literal::Integer),
        select(&["1", "true", "dark"][..]).prop_map(Literal::Text),
    ];
    let fact = |kind| move |key| Leaf::new(Source::Token, kind, key, None);
    let lists = Kind::ALL.iter().copied();
    let lists = lists.filter(|kind| kind.shape() == Shape::List && kind.liveness() != Liveness::Always);
    prop_oneof![
        3 => (select(lists.collect::<Vec<_>>()), select(&KEYS[..]))
            .prop_map(|(kind, key)| Leaf::new(Source::Token, kind, key, None)),
        1 => (select(&FLAGS[..]), proptest::option::of(literal)).prop_map(|(name, value)| Leaf::new(
            Source::Token,
            Kind::FeatureFlags,
            name,
            value
        )),
        1 => select(&ORGS[..]).prop_map(fact(Kind::Organization)),
        1 => select(&["user", "machine"][..]).prop_map(fact(Kind::Principal)),
    ]
}

/// Returns the standing of a key in an array that must contain only strings.
fn lists(claim: &Value, key: &str) -> Standing {
    match claim.as_array() {
        Some(keys) if keys.iter().all(Value::is_string) => keys.contains(&json!(key)).into(),
        _ => Standing::Unknown,
    }
}

fn expected(payload: &Value, leaf: Leaf<'_>) -> Standing {
    let of = |name: &str, held: &dyn Fn(&Value) -> Standing| match payload.get(name) {
        None | Some(Value::Null) if name == "roles" => Standing::Unknown,
        None | Some(Value::Null) => Standing::Lacking,
        Some(claim) => held(claim),
    };
    let key = leaf.key;
    match leaf.kind {
        Kind::Permissions => of("permissions", &|claim| lists(claim, key)),
        Kind::Roles => of("roles", &|claim| lists(claim, key)),
        Kind::Scopes => of("scp", &|claim| lists(claim, key)),
        Kind::FeatureFlags => of("feature_flags", &|claim| match claim.as_object() {
            Some(flags) if flags.values().all(|flag| flag.get("v").is_some()) => {
                flag(flags.get(key).map(|flag| &flag["v"]), leaf.value)
            }
            _ => Standing::Unknown,
        }),
        Kind::Organization => {
            of("org_code", &|claim| claim.as_str().map_or(Standing::Unknown, |held| (held == key).into()))
        }
        Kind::Principal => (payload.get("gty").is_some() == (key == "machine")).into(),
        other => panic!("{other:?}"),
    }
}

/// Compares a flag with a value of the same JSON type; other types are incomparable.
fn flag(held: Option<&Value>, wanted: Option<Literal<&str>>) -> Standing {
    match (held, wanted.unwrap_or(Literal::Bool(true))) {
        (None, _) => Standing::Lacking,
        (Some(Value::Bool(held)), Literal::Bool(wanted)) => (*held == wanted).into(),
        (Some(Value::String(held)), Literal::Text(wanted)) => (held == wanted).into(),
        (Some(held), Literal::Integer(wanted)) if held.is_number() => {
            (held.as_f64() == wanted.to_string().parse().ok()).into()
        }
        _ => Standing::Incomparable,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rules are decided from facts: this test covers the facts, and the tests of `kinde-perms-policy` cover the rules.
    #[test]
    fn facts_are_those_of_the_payload(payload in payload(), leaf in leaf()) {
        let claims = Claims::from_payload(payload.to_string()).unwrap();
        let standing = expected(&payload, leaf);
        prop_assert_eq!(Facts::standing(&claims, &leaf), standing, "{} of {}", leaf, payload);
        let constant = Requirement::new(Node::Leaf(leaf));
        let rule = Rule::from(&constant);
        prop_assert_eq!(claims.has(&constant), standing == Standing::Held);
        prop_assert_eq!(claims.has(&rule), standing == Standing::Held);
        prop_assert_eq!(claims.require(&rule), constant.decide(&claims).into_result());
        if let Decision::Deny(denied) = constant.decide(&claims) {
            let absent = payload["roles"].is_null() && leaf.kind == Kind::Roles;
            let unknown = denied.missing().iter().find_map(|missing| match missing {
                Missing::ClaimUnknown { fault, .. } => Some(*fault),
                _ => None,
            });
            let fault = if absent { ClaimFault::Absent } else { ClaimFault::Malformed };
            prop_assert_eq!(unknown, (standing == Standing::Unknown).then_some(fault));
        }
    }
}

//! Comparing rules, against every kind of token there is for a few facts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::model::{Ast, Field, Token, not};
use crate::claims::{Claims, Principal};
use crate::policy::{Decision, Fact, Leaf, Literal, Rule};

const LEAVES: [Leaf<'static>; 12] = [
    Fact::Permission("a"),
    Fact::Permission("b"),
    Fact::Role("a"),
    Fact::FeatureFlag { name: "x", value: None },
    Fact::FeatureFlag { name: "x", value: Some(Literal::Bool(false)) },
    Fact::FeatureFlag { name: "x", value: Some(Literal::Bool(true)) },
    Fact::FeatureFlag { name: "x", value: Some(Literal::Integer(1)) },
    Fact::FeatureFlag { name: "x", value: Some(Literal::Text("1")) },
    Fact::Organization("org_1"),
    Fact::Organization("org_2"),
    Fact::Principal(Principal::User),
    Fact::Principal(Principal::Machine),
];

fn fields<T>(values: Vec<T>) -> Vec<Field<T>> {
    values.into_iter().map(Field::Is).chain([Field::Malformed(json!(0))]).collect()
}

fn keys(all: &[&'static str]) -> BTreeSet<&'static str> {
    all.iter().copied().collect()
}

/// One token of every kind that the leaves can tell apart.
fn tokens() -> Vec<Claims> {
    let permissions = fields([&[][..], &["a"], &["b"], &["a", "b"]].map(keys).into());
    let roles = fields([&[][..], &["a"]].map(keys).into());
    let values = [json!(false), json!(true), json!(1), json!("1"), json!("other")];
    let flag = |value: Value| BTreeMap::from([("x", value)]);
    let flags = fields([BTreeMap::new()].into_iter().chain(values.map(flag)).collect());
    let orgs = fields(vec!["org_1", "org_2", "org_3"]);
    let mut tokens = Vec::new();
    for permissions in &permissions {
        for roles in &roles {
            for flags in &flags {
                for org in &orgs {
                    for machine in [false, true] {
                        let (permissions, roles) = (permissions.clone(), roles.clone());
                        let (flags, org) = (flags.clone(), org.clone());
                        tokens.push(
                            Token { permissions, roles, flags, org, machine, ..Token::empty() }.claims(),
                        );
                    }
                }
            }
        }
    }
    tokens
}

fn rule() -> impl Strategy<Value = Ast> {
    let base = prop_oneof![
        12 => proptest::sample::select(&LEAVES[..]).prop_map(Ast::Leaf),
        1 => Just(Ast::Authenticated),
    ];
    base.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Ast::All),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Ast::Any),
            inner.prop_map(not),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_rule_implies_another_exactly_if_no_token_tells_otherwise(a in rule(), b in rule()) {
        let (a, b) = (Rule::from(&a.requirement()), Rule::from(&b.requirement()));
        thread_local!(static TOKENS: Vec<Claims> = tokens());
        let (mut implied, mut always, mut never) = (true, true, true);
        TOKENS.with(|tokens| for token in tokens {
            let (holds, other) = (a.decide(token) == Decision::Allow, b.decide(token) == Decision::Allow);
            implied &= other || !holds;
            always &= holds;
            never &= !holds;
        });
        prop_assert_eq!(a.implies(&b), implied, "{} and {}", a, b);
        prop_assert_eq!(a.is_always_met(), always, "{}", a);
        prop_assert_eq!(a.is_never_met(), never, "{}", a);
    }
}

#[test]
fn what_is_said_otherwise_is_the_same() {
    let same = |a: &str, b: &str| a.parse::<Rule>().unwrap().is_equivalent(&b.parse().unwrap());
    assert!(same(r#"any(roles = ["a"], all(roles = ["a"], scopes = ["b"]))"#, r#"roles = ["a"]"#));
    assert!(same("any(principal = user, principal = machine)", "authenticated"));
    assert!(same(r#"org = "a", org = "b""#, "not(authenticated)"));
    assert!(same(r#"feature_flags = ["x" = 1, "x"]"#, r#"feature_flags = ["x" = 1]"#));
    // With a malformed claim, neither holds.
    assert!(!same(r#"any(permissions = ["a"], not(permissions = ["a"]))"#, "authenticated"));
}

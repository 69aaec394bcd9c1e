//! Comparison of rules, against all distinguishable tokens for a few facts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::model::{Ast, Field, Token, flag, live, not, token};
use crate::shared::{Facts, Outcome, Standing};
use crate::{ClaimFault, Kind, Leaf, Literal, Rule, Source};

const LEAVES: [Leaf<'static>; 13] = [
    token(Kind::Permissions, "a"),
    token(Kind::FeatureFlags, "x"),
    flag("x", Literal::Bool(false)),
    flag("x", Literal::Bool(true)),
    flag("x", Literal::Integer(1)),
    flag("x", Literal::Text("1")),
    token(Kind::FeatureFlags, "y"),
    flag("y", Literal::Integer(1)),
    token(Kind::Organization, "org_1"),
    token(Kind::Organization, "org_2"),
    token(Kind::Principal, "user"),
    token(Kind::Principal, "machine"),
    live(Kind::Permissions, "a"),
];

/// A token, and the account's standing in the one live permission.
struct Caller {
    token: Token,
    account: Standing,
}

impl Facts for Caller {
    fn standing(&self, leaf: &Leaf<'_>) -> Standing {
        if leaf.source == Source::Live { self.account } else { self.token.standing(leaf) }
    }

    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault {
        self.token.fault(leaf)
    }
}

fn fields<T>(values: Vec<T>) -> Vec<Field<T>> {
    values.into_iter().map(Field::Is).chain([Field::Malformed]).collect()
}

fn keys(all: &[&'static str]) -> BTreeSet<&'static str> {
    all.iter().copied().collect()
}

/// Every pair of token and account that the leaves can tell apart.
fn callers() -> Vec<Caller> {
    let accounts = [Standing::Held, Standing::Lacking, Standing::Unknown];
    let callers_with = |token: Token| accounts.map(|account| Caller { token: token.clone(), account });
    tokens().into_iter().flat_map(callers_with).collect()
}

fn tokens() -> Vec<Token> {
    let permissions = fields([&[][..], &["a"]].map(keys).into());
    let flags = fields(flags());
    let orgs = fields(vec!["org_1", "org_2", "org_3"]);
    let mut tokens = Vec::new();
    for permissions in &permissions {
        for flags in &flags {
            for org in &orgs {
                for machine in [false, true] {
                    let (permissions, flags, org) = (permissions.clone(), flags.clone(), org.clone());
                    tokens.push(Token { permissions, flags, org, machine, ..Token::empty() });
                }
            }
        }
    }
    tokens
}

/// Two flags, in every combination of values that the leaves can tell apart.
fn flags() -> Vec<BTreeMap<&'static str, Value>> {
    let absent = [None];
    let x =
        [json!(false), json!(true), json!(1), json!(2), json!("1"), json!("other"), Value::Null].map(Some);
    let y = [json!(false), json!(true), json!(1), json!(2), json!("")].map(Some);
    let xs = absent.iter().chain(&x);
    xs.flat_map(|x| {
        absent.iter().chain(&y).map(move |y| {
            [("x", x), ("y", y)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.clone()?)))
                .collect()
        })
    })
    .collect()
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
        thread_local!(static CALLERS: Vec<Caller> = callers());
        let (mut implied, mut always, mut never) = (true, true, true);
        CALLERS.with(|callers| for caller in callers {
            let [holds, other] = [&a, &b].map(|rule| rule.as_rule_ref().outcome(caller) == Outcome::Holds);
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
fn rules_that_mean_the_same_are_equivalent() {
    let implies = |a: &str, b: &str| a.parse::<Rule>().unwrap().implies(&b.parse().unwrap());
    let same = |a: &str, b: &str| a.parse::<Rule>().unwrap().is_equivalent(&b.parse().unwrap());
    assert!(same(r#"any(roles = ["a"], all(roles = ["a"], scopes = ["b"]))"#, r#"roles = ["a"]"#));
    assert!(same("any(principal = user, principal = machine)", "authenticated"));
    assert!(same(r#"org = "a", org = "b""#, "not(authenticated)"));
    assert!(same(r#"feature_flags = ["x" = true]"#, r#"feature_flags = ["x"]"#));
    assert!(same(r#"feature_flags = ["x" = 1, "x"]"#, "not(authenticated)"));
    // A boolean flag that is not `true` is `false` or absent.
    assert!(implies(r#"feature_flags = ["x" = false]"#, r#"not(feature_flags = ["x"])"#));
    assert!(!implies(r#"not(feature_flags = ["x"])"#, r#"feature_flags = ["x" = false]"#));
    // A number says nothing about a text: neither that it is held nor that it is lacked.
    assert!(!implies(r#"feature_flags = ["x" = 1]"#, r#"not(feature_flags = ["x" = "1"])"#));
    assert!(implies(r#"feature_flags = ["x" = 1]"#, r#"not(feature_flags = ["x" = 2])"#));
    assert!(!same(
        r#"any(feature_flags = ["x"], not(feature_flags = ["x"]))"#,
        r#"any(feature_flags = ["x" = 1], not(feature_flags = ["x" = 1]))"#
    ));
    // The token's claim may be malformed while Kinde answers, and the other way round.
    assert!(!implies(
        r#"permissions = live(["x"])"#,
        r#"permissions = live(["x"]), any(permissions = ["a"], not(permissions = ["a"]))"#
    ));
    assert!(same(
        r#"feature_flags = live(["x" = 1]), not(feature_flags = live(["x" = 2]))"#,
        r#"feature_flags = live(["x" = 1])"#
    ));
    // With a malformed claim, a fact and its negation both fail.
    assert!(!same(r#"any(permissions = ["a"], not(permissions = ["a"]))"#, "authenticated"));
}

//! When a rule holds.

use proptest::prelude::*;

use super::model::{
    Ast, Field, Token, few_keys, key_leaf, leaf, not, positive, rule, some_token, token, well_formed,
};
use crate::{Decision, Fact, Kind, Leaf, Missing, Rule, Source};

fn allowed(rule: &Ast, token: &Token) -> bool {
    rule.requirement().decide(token).is_allow()
}

const A: Ast = Ast::Leaf(token(Kind::Permissions, "a"));
const B: Ast = Ast::Leaf(token(Kind::Permissions, "b"));
const C: Ast = Ast::Leaf(token(Kind::Permissions, "read:c"));

fn holding(permissions: &[&'static str]) -> Token {
    Token { permissions: Field::Is(permissions.iter().copied().collect()), ..Token::empty() }
}

/// Splicing a condition without parentheses turns `(a || b) && c` into `a || (b && c)`.
#[test]
fn an_any_inside_an_all_does_not_swallow_what_follows() {
    let rule = Ast::All(vec![Ast::Any(vec![A, B]), C]);
    for (held, expected) in [
        (&["a"][..], false),
        (&["b"], false),
        (&["read:c"], false),
        (&["a", "read:c"], true),
        (&["b", "read:c"], true),
    ] {
        assert_eq!(allowed(&rule, &holding(held)), expected, "{held:?}");
    }
}

#[test]
fn not_of_a_list_means_none_of_them_and_not_of_all_means_not_both() {
    let none = not(Ast::Any(vec![A, B]));
    let not_both = not(Ast::All(vec![A, B]));
    for (held, expected) in [
        (&[][..], (true, true)),
        (&["a"], (false, true)),
        (&["b"], (false, true)),
        (&["a", "b"], (false, false)),
    ] {
        assert_eq!(
            (allowed(&none, &holding(held)), allowed(&not_both, &holding(held))),
            expected,
            "{held:?}"
        );
    }
}

#[test]
fn an_unknown_claim_satisfies_neither_a_rule_nor_its_negation() {
    let malformed = Token { permissions: Field::Malformed, ..Token::empty() };
    assert!(!allowed(&A, &malformed));
    assert!(!allowed(&not(A), &malformed));
    assert!(!allowed(&not(not(A)), &malformed));
    let admin = Ast::Leaf(token(Kind::Roles, "admin"));
    assert!(!allowed(&admin, &Token::empty()));
    assert!(!allowed(&not(admin), &Token::empty()));
    assert!(allowed(&not(A), &Token::empty()), "absent permissions mean none");
}

#[test]
fn authenticated_holds_and_its_negation_never_does() {
    assert!(allowed(&Ast::Authenticated, &Token::empty()));
    assert!(!allowed(&not(Ast::Authenticated), &Token::empty()));
    assert!(allowed(&not(not(Ast::Authenticated)), &Token::empty()));
}

#[test]
fn an_empty_combinator_never_holds_and_neither_does_its_negation() {
    for empty in [Ast::All(vec![]), Ast::Any(vec![])] {
        assert!(!allowed(&empty, &Token::empty()));
        assert!(!allowed(&not(empty.clone()), &Token::empty()));
        assert!(!allowed(&Ast::All(vec![Ast::Authenticated, empty]), &Token::empty()));
    }
}

#[test]
fn a_decision_converts_to_a_result() {
    let requirement = A.requirement();
    assert_eq!(requirement.decide(&holding(&["a"])).into_result(), Ok(()));
    let denied = requirement.decide(&holding(&[])).into_result().unwrap_err();
    assert_eq!(
        denied.missing(),
        [Missing::Lacking(Fact::new(Source::Token, Kind::Permissions, "a".to_owned(), None))]
    );
    assert_eq!(requirement.decide(&holding(&[])), Decision::Deny(denied));
}

fn grant(token: &mut Token, leaf: Leaf<'static>) {
    let field = match leaf.kind {
        Kind::Permissions => &mut token.permissions,
        Kind::Roles => &mut token.roles,
        Kind::Scopes => &mut token.scopes,
        _ => return,
    };
    if leaf.source == Source::Live {
        return;
    }
    let key = leaf.key;
    match field {
        Field::Is(keys) => {
            keys.insert(key);
        }
        _ => *field = Field::Is([key].into()),
    }
}

fn grant_missing(to: &mut Token, missing: &Missing) {
    let Missing::Lacking(fact) = missing else { panic!("{missing:?} is missing from a rule of keys") };
    grant(to, token(fact.kind, &*fact.key.clone().leak()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn constant_copied_and_read_rules_agree_with_the_naive_evaluator(rule in rule(), token in some_token()) {
        let (expected, _) = token.truth(&rule);
        let constant = rule.requirement();
        let copied = Rule::from(&constant);
        let read: Rule = constant.to_string().parse().unwrap();
        prop_assert_eq!(constant.decide(&token).is_allow(), expected, "{}", constant);
        prop_assert_eq!(copied.decide(&token), constant.decide(&token));
        prop_assert_eq!(read.decide(&token), constant.decide(&token));
    }

    #[test]
    fn no_rule_holds_together_with_its_negation(rule in rule(), token in some_token()) {
        prop_assert!(!(allowed(&rule, &token) && allowed(&not(rule.clone()), &token)));
    }

    #[test]
    fn a_rule_without_not_still_holds_with_one_more_key(
        rule in positive(leaf()), token in some_token(), more in key_leaf(),
    ) {
        let mut richer = token.clone();
        grant(&mut richer, more);
        prop_assert!(!allowed(&rule, &token) || allowed(&rule, &richer));
    }

    #[test]
    fn granting_what_is_missing_is_enough(rule in positive(key_leaf()), token in well_formed()) {
        let mut token = token;
        if let Decision::Deny(denied) = rule.requirement().decide(&token) {
            prop_assert!(!denied.missing().is_empty());
            denied.missing().iter().for_each(|missing| grant_missing(&mut token, missing));
            prop_assert!(allowed(&rule, &token), "{} was not enough for {}", denied, rule.requirement());
        }
    }

    #[test]
    fn nothing_less_than_what_is_missing_is_enough(rule in few_keys(), token in well_formed()) {
        if let Decision::Deny(denied) = rule.requirement().decide(&token) {
            let leaves: Vec<_> = rule.leaves().into_iter().collect();
            for chosen in 0_u32..1 << leaves.len() {
                let mut richer = token.clone();
                let granted = leaves.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0);
                granted.for_each(|(_, leaf)| grant(&mut richer, *leaf));
                let fewer = usize::try_from(chosen.count_ones()).unwrap() < denied.missing().len();
                prop_assert!(!fewer || !allowed(&rule, &richer), "{} for {}", denied, rule.requirement());
            }
        }
    }

    #[test]
    fn negation_follows_de_morgan(parts in proptest::collection::vec(rule(), 1..4), token in some_token()) {
        let negated: Vec<_> = parts.iter().cloned().map(not).collect();
        let laws = [
            (not(Ast::All(parts.clone())), Ast::Any(negated.clone())),
            (not(Ast::Any(parts.clone())), Ast::All(negated)),
            (not(not(Ast::All(parts.clone()))), Ast::All(parts)),
        ];
        for (left, right) in laws {
            prop_assert_eq!(allowed(&left, &token), allowed(&right, &token));
            prop_assert_eq!(left.requirement().to_string(), right.requirement().to_string());
        }
    }

    #[test]
    fn only_an_unsatisfiable_rule_is_refused_without_a_reason(rule in rule(), token in some_token()) {
        let requirement = rule.requirement();
        if let Decision::Deny(denied) = requirement.decide(&token) {
            prop_assert_eq!(denied.missing().is_empty(), requirement.to_string() == "not(authenticated)");
        }
    }
}

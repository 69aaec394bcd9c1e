//! Rules that ask Kinde: their outcomes before and after asking.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::model::{Token, live, rule, some_token};
use crate::shared::{Facts, Outcome, Standing};
use crate::{ClaimFault, Decision, Kind, Leaf, Rule, Source};

/// A token, the kinds that Kinde was asked about, and the live facts that are true.
struct Inquiry {
    token: Token,
    asked: Vec<Kind>,
    true_of: BTreeSet<String>,
}

impl Inquiry {
    fn new(token: &Token, true_of: BTreeSet<String>) -> Self {
        Self { token: token.clone(), asked: Vec::new(), true_of }
    }
}

impl Facts for Inquiry {
    fn standing(&self, leaf: &Leaf<'_>) -> Standing {
        if leaf.source == Source::Live && self.asked.contains(&leaf.kind) {
            return Standing::known(self.true_of.contains(&format!("{leaf:?}")));
        }
        self.token.standing(leaf)
    }

    fn fault(&self, leaf: &Leaf<'_>) -> ClaimFault {
        self.token.fault(leaf)
    }
}

const EVERYTHING: [Kind; 4] = [Kind::Permissions, Kind::Roles, Kind::FeatureFlags, Kind::Entitlements];

fn truths() -> impl Strategy<Value = BTreeSet<String>> {
    let live = super::model::live_leaf().prop_map(|leaf| format!("{leaf:?}"));
    proptest::collection::btree_set(live, 0..8)
}

proptest! {
    /// Asking step by step has the same outcome as asking for everything at once, and never asks twice.
    #[test]
    fn asking_only_for_what_matters_changes_nothing(rule in rule(), token in some_token(), truths in truths()) {
        let requirement = rule.requirement();
        let mut everything = Inquiry::new(&token, truths.clone());
        everything.asked = EVERYTHING.to_vec();
        let mut inquiry = Inquiry::new(&token, truths);
        let outcome = loop {
            match requirement.as_rule_ref().outcome(&inquiry) {
                Outcome::Open(resource) => {
                    prop_assert!(!inquiry.asked.contains(&resource));
                    inquiry.asked.push(resource);
                }
                decided => break decided,
            }
        };
        prop_assert_eq!(outcome, requirement.as_rule_ref().outcome(&everything));
    }

    /// A refusal names facts that are known to be missing, and no unasked ones.
    #[test]
    fn a_refusal_after_asking_names_no_open_question(rule in rule(), token in some_token(), truths in truths()) {
        let requirement = rule.requirement();
        let mut inquiry = Inquiry::new(&token, truths);
        while let Outcome::Open(resource) = requirement.as_rule_ref().outcome(&inquiry) {
            inquiry.asked.push(resource);
        }
        if requirement.as_rule_ref().outcome(&inquiry) == Outcome::Fails {
            let denied = requirement.as_rule_ref().denied(&inquiry);
            prop_assert!(!denied.missing().iter().any(crate::Missing::is_unasked), "{denied}");
        }
    }
}

fn by_token_alone(text: &str, token: &Token) -> Decision {
    text.parse::<Rule>().unwrap().decide(token)
}

#[test]
fn the_token_decides_what_it_can() {
    let token = Token::empty();
    let outcome = |text: &str| text.parse::<Rule>().unwrap().as_rule_ref().outcome(&token);
    for (text, expected) in [
        (r#"billing_entitlements = ["Pro plan"]"#, Outcome::Open(Kind::Entitlements)),
        (r#"not(permissions = live(["a"]))"#, Outcome::Open(Kind::Permissions)),
        (r#"any(principal = user, roles = live(["a"]))"#, Outcome::Holds),
        (r#"any(roles = live(["a"]), principal = user)"#, Outcome::Holds),
        (r#"feature_flags = live(["a" = 1]), permissions = ["a"]"#, Outcome::Fails),
        (r#"not(any(principal = user, roles = live(["a"])))"#, Outcome::Fails),
        (
            r#"any(all(permissions = ["x"], roles = live(["a"])), feature_flags = live(["b"]))"#,
            Outcome::Open(Kind::FeatureFlags),
        ),
    ] {
        assert_eq!(outcome(text), expected, "{text}");
    }
}

#[test]
fn a_token_alone_neither_holds_nor_lacks_what_only_kinde_can_tell() {
    for text in [r#"permissions = live(["a"])"#, r#"not(permissions = live(["a"]))"#] {
        let Decision::Deny(denied) = by_token_alone(text, &Token::empty()) else { panic!("{text}") };
        assert_eq!(denied.to_string(), "kinde was not asked about permissions");
        assert_eq!(
            serde_json::to_value(&denied).unwrap(),
            serde_json::json!({"unknown_claims": {"permissions": "not_asked"}})
        );
    }
}

#[test]
fn a_refusal_tells_the_token_from_the_account() {
    let rule: Rule = r#"permissions = ["a"], permissions = live(["b"]), billing_entitlements = ["Pro plan"], not(roles = live(["r"]))"#
        .parse()
        .unwrap();
    let mut inquiry =
        Inquiry::new(&Token::empty(), BTreeSet::from([format!("{:?}", live(Kind::Roles, "r"))]));
    inquiry.asked = EVERYTHING.to_vec();
    let denied = rule.as_rule_ref().denied(&inquiry);
    assert_eq!(
        denied.to_string(),
        "token lacks permission `a`; account lacks permission `b` and billing entitlement `Pro plan`; \
         account holds role `r`, which the rule excludes"
    );
    assert_eq!(
        serde_json::to_value(&denied).unwrap(),
        serde_json::json!({
            "permissions": ["a", "b"],
            "billing_entitlements": ["Pro plan"],
            "withheld": {"roles": ["r"]},
        })
    );
    assert_eq!(denied.missing_scopes().collect::<Vec<_>>(), ["a", "b"]);
}

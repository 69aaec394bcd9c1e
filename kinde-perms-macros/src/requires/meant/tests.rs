//! What cannot be meant, and what is said about it. Which token is underlined is tested by the UI cases.

use crate::manifest::Catalog;
use crate::requirement;

/// The messages about a rule.
fn said(rule: &str) -> Vec<String> {
    let expansion = requirement::expand(rule.parse().unwrap(), &Catalog::default()).to_string();
    let messages = expansion.split("compile_error ! {").skip(1);
    messages
        .map(|rest| {
            let literal = rest.split('}').next().unwrap().trim();
            syn::parse_str::<syn::LitStr>(literal).unwrap().value()
        })
        .collect()
}

#[test]
fn what_can_be_meant_is_left_alone() {
    for rule in [
        "authenticated",
        r#"permissions = ["a", "b"], roles = ["a"], scopes = ["a"]"#,
        r#"permissions = ["a"], not(permissions = ["b"])"#,
        r#"any(permissions = ["a"], roles = ["a"])"#,
        r#"any(all(permissions = ["a"], roles = ["r"]), all(permissions = ["b"], roles = ["s"]))"#,
        // Neither holds for a malformed or, of roles, an absent claim.
        r#"any(permissions = ["a"], not(permissions = ["a"]))"#,
        r#"roles = ["admin"], any(scopes = ["s"], not(scopes = ["s"]))"#,
        r#"any(org = "org_1", org = "org_2")"#,
        r#"any(feature_flags = ["x" = 1, "x" = "1", "x" = true])"#,
        r#"any(feature_flags = ["x", "x" = false])"#,
        r#"not(all(permissions = ["a", "b"]))"#,
        r#"permissions = [A], not(permissions = [B, "A"])"#,
        r#"any(principal = machine, permissions = ["a"])"#,
        r#"any(roles = ["a"], all(not(roles = ["a"]), scopes = ["s"]))"#,
    ] {
        assert_eq!(said(rule), [""; 0], "{rule}");
    }
}

#[test]
fn a_rule_that_nobody_meets() {
    let cases = [
        (r#"permissions = ["a"], not(permissions = ["a"])"#, r#"`permissions = ["a"]`"#),
        (r#"permissions = [A], roles = ["r"], not(permissions = [A])"#, "`permissions = [A]`"),
        ("principal = user, not(any(principal = user, roles = [\"r\"]))", "`principal = user`"),
        (r#"principal = machine, all(principal = user, roles = ["r"])"#, "`principal = machine`"),
        (r#"org = "org_1", any(org = "org_2", org = "org_3")"#, r#"`org = "org_1"`"#),
        (r#"feature_flags = ["x" = 1, "x" = 2]"#, r#"`feature_flags = ["x" = 1]`"#),
        (r#"feature_flags = ["x" = false, "x"]"#, r#"`feature_flags = ["x" = false]`"#),
        (
            r#"permissions = ["a", "b"], not(all(permissions = ["a", "b"]))"#,
            r#"`permissions = ["a"]` and `permissions = ["b"]`"#,
        ),
        (r#"not(permissions = ["a"]), scopes = ["s"], permissions = ["a"]"#, r#"`not(permissions = ["a"])`"#),
    ];
    for (rule, others) in cases {
        let expected = format!("no token can meet this and {others} at once: this rule admits nobody");
        assert_eq!(said(rule), [expected], "{rule}");
    }
    assert_eq!(
        said(
            r#"any(all(permissions = ["a"], not(permissions = ["a"])), all(roles = ["b"], not(roles = ["b"])))"#
        ),
        ["no token can meet any of these alternatives: this rule admits nobody"]
    );
}

#[test]
fn a_rule_that_everybody_meets() {
    assert_eq!(
        said("any(principal = user, principal = machine)"),
        ["every valid token meets this rule: write `authenticated`"]
    );
    assert_eq!(
        said("not(all(not(principal = user), not(principal = machine)))"),
        ["every valid token meets this rule: write `authenticated`"]
    );
}

#[test]
fn a_part_without_which_the_rule_means_the_same() {
    let cases = [
        (
            r#"any(permissions = ["a"], all(permissions = ["a"], roles = ["r"]))"#,
            r#"`permissions = ["a"]` admits whomever this would: remove this alternative"#,
        ),
        (
            r#"permissions = ["a"], any(permissions = ["a"], roles = ["r"])"#,
            r#"whoever meets `permissions = ["a"]` meets this too: remove it"#,
        ),
        (
            r#"permissions = ["a"], all(permissions = ["a"], roles = ["r"])"#,
            r#"`permissions = ["a"]` is required already: remove this"#,
        ),
        (
            r#"permissions = ["a"], any(roles = ["r"], all(permissions = ["a"], scopes = ["s"]))"#,
            r#"`permissions = ["a"]` is required already: remove this"#,
        ),
        (
            r#"org = "org_1", not(org = "org_2")"#,
            r#"whoever meets `org = "org_1"` meets this too: remove it"#,
        ),
        (
            r#"feature_flags = ["x" = 1, "x"]"#,
            r#"whoever meets `feature_flags = ["x" = 1]` meets this too: remove it"#,
        ),
        (
            r#"not(permissions = ["a"]), not(any(permissions = ["a"], roles = ["r"]))"#,
            r#"`not(permissions = ["a"])` is required already: remove this"#,
        ),
        (
            r#"roles = ["r"], any(principal = user, principal = machine)"#,
            "every valid token meets this: remove it",
        ),
        (
            r#"any(roles = ["r"], all(principal = user, not(principal = user)))"#,
            "no token can meet this alternative: remove it",
        ),
        (
            r#"any(all(permissions = ["a"], roles = ["r"]), all(not(permissions = ["a"]), scopes = ["s"]), all(permissions = ["a"], roles = ["r"]))"#,
            "`all(…)` admits whomever this would: remove this alternative",
        ),
        (
            r#"permissions = live(["a"]), any(permissions = live(["a"]), roles = ["r"])"#,
            r#"whoever meets `permissions = live(["a"])` meets this too: remove it"#,
        ),
    ];
    for (rule, expected) in cases {
        let said = said(rule);
        let said: Vec<_> = said.iter().filter(|message| !message.contains("account-api")).collect();
        if rule.contains("live") && !cfg!(feature = "account-api") {
            continue;
        }
        assert_eq!(said, [expected], "{rule}");
    }
}

/// Both halves of a needless pair are not reported, and what is left still means the same.
#[test]
fn several_needless_parts_are_reported_at_once() {
    assert_eq!(
        said(r#"permissions = ["a"], all(permissions = ["a"], roles = ["r"]), any(roles = ["r"], scopes = ["s"])"#)
            .len(),
        2
    );
}

/// A question that would take too long is left open.
#[test]
fn a_huge_rule_is_taken_as_it_is() {
    let clause = |n: usize| {
        format!(r#"any(permissions = ["k{n}", "k{}"], not(permissions = ["k{}"]))"#, n * 7 % 60, n * 11 % 60)
    };
    let rule = (0..60).map(clause).collect::<Vec<_>>().join(", ");
    let start = std::time::Instant::now();
    let _ = said(&rule);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

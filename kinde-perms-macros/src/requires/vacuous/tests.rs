//! Vacuous rules, redundant parts, and their messages. The UI cases test the spans.

use super::{Logic, STEPS, report_within};
use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::manifest::Catalog;
use crate::requirement;
use crate::requires::model::Node;
use crate::requires::{checks, groups};

/// Returns the messages about a rule.
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
fn a_rule_without_faults_is_accepted() {
    for rule in [
        "authenticated",
        r#"permissions = ["a", "b"], roles = ["a"], scopes = ["a"]"#,
        r#"permissions = ["a"], not(permissions = ["b"])"#,
        r#"any(permissions = ["a"], roles = ["a"])"#,
        r#"any(all(permissions = ["a"], roles = ["r"]), all(permissions = ["b"], roles = ["s"]))"#,
        // Neither alternative holds for a malformed claim, nor, of roles, for an absent one.
        r#"any(permissions = ["a"], not(permissions = ["a"]))"#,
        r#"roles = ["admin"], any(scopes = ["s"], not(scopes = ["s"]))"#,
        r#"any(org = "org_1", org = "org_2")"#,
        r#"any(feature_flags = ["x" = 1, "x" = "1", "x" = true])"#,
        r#"any(feature_flags = ["x", "x" = false])"#,
        // The second alternative holds for a flag that is another number or absent, but not for a text.
        r#"any(feature_flags = ["x" = "1"], not(feature_flags = ["x" = 1]))"#,
        r#"not(all(permissions = ["a", "b"]))"#,
        r#"permissions = [A], not(permissions = [B, "A"])"#,
        // Constants can have the same value as another one, or as a literal.
        "org = A, not(org = B)",
        r#"org = "org_1", not(org = B)"#,
        r#"any(org = A, org = "org_1")"#,
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
        ("org = A, not(org = A)", "`org = A`"),
        ("principal = user, not(any(principal = user, roles = [\"r\"]))", "`principal = user`"),
        (r#"principal = machine, all(principal = user, roles = ["r"])"#, "`principal = machine`"),
        (r#"org = "org_1", any(org = "org_2", org = "org_3")"#, r#"`org = "org_1"`"#),
        (r#"feature_flags = ["x" = 1, "x" = 2]"#, r#"`feature_flags = ["x" = 1]`"#),
        (r#"feature_flags = ["x" = 1, "x"]"#, r#"`feature_flags = ["x" = 1]`"#),
        (r#"feature_flags = ["x" = 1], not(feature_flags = ["x" = "1"])"#, r#"`feature_flags = ["x" = 1]`"#),
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
            r#"feature_flags = ["x" = true, "x"]"#,
            r#"`feature_flags = ["x" = true]` is required already: remove this"#,
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

/// Two parts are reported: without both, the rule still means the same.
#[test]
fn several_redundant_parts_are_reported_at_once() {
    assert_eq!(
        said(r#"permissions = ["a"], all(permissions = ["a"], roles = ["r"]), any(roles = ["r"], scopes = ["s"])"#)
            .len(),
        2
    );
}

fn rule_of(text: &str) -> Node {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(text.parse().unwrap(), &mut errors);
    let rule = Node::all(groups::top(checks::sort(&arguments.items).rule, &mut errors));
    assert_eq!(errors.count(), 0, "{text}");
    rule
}

/// Returns the number of faults in a rule, and the steps that the search took.
fn found_within(steps: u64, text: &str) -> (usize, u64) {
    let (rule, logic, mut errors) = (rule_of(text), Logic::new(steps), Errors::default());
    report_within(&logic, &rule, &mut errors);
    (errors.count(), steps.saturating_sub(logic.0.get()))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// Rules of a hundred keys, each named once, in any nesting.
#[test]
fn a_rule_that_names_everything_once_takes_no_time() {
    let nested = (0..100).rev().fold(r#"scopes = ["s"]"#.to_owned(), |inner, n| match n % 4 {
        0 => format!(r#"all(permissions = ["k{n}"], {inner})"#),
        1 => format!(r#"any(roles = ["k{n}"], {inner})"#),
        2 => format!("not({inner})"),
        _ => format!(r#"any(feature_flags = ["k{n}" = {n}], {inner})"#),
    });
    let wide =
        joined((0..50).map(|n| format!(r#"any(roles = ["k{n}"], not(permissions = ["k{n}", "l{n}"]))"#)));
    for rule in [nested, wide] {
        assert_eq!(found_within(STEPS, &rule), (0, 0), "{rule}");
    }
}

/// Rules of many keys, each named at least twice.
#[test]
fn a_long_rule_is_validated_whole() {
    let pair = |n: usize, m: usize| format!(r#"all(permissions = ["k{n}", "k{m}"])"#);
    let ring = joined((0..50).map(|n| pair(n, (n + 1) % 50)));
    let chain =
        joined((0..50).map(|n| format!(r#"any(not(permissions = ["k{n}"]), permissions = ["k{}"])"#, n + 1)));
    let orgs = joined((0..50).map(|n| format!(r#"all(org = "org_{n}", roles = ["r{n}", "s"])"#)));
    let any_org = joined((0..200).map(|n| format!(r#"org = "org_{n}""#)));
    for rule in [format!("any({ring})"), chain.clone(), format!("any({orgs})"), format!("any({any_org})")] {
        let (found, steps) = found_within(STEPS, &rule);
        assert!(found == 0 && steps < STEPS, "{found} in {steps}: {rule}");
    }
    for (rule, expected) in [
        (format!(r#"any({ring}, all(permissions = ["k7", "k8"], roles = ["r"]))"#), 1),
        (format!(r#"{chain}, permissions = ["k0"], not(permissions = ["k50"])"#), 1),
        (format!(r#"any({orgs}, all(org = "org_7", not(org = "org_7")))"#), 1),
    ] {
        let (found, steps) = found_within(STEPS, &rule);
        assert!(found == expected && steps < STEPS, "{found} in {steps}: {rule}");
    }
}

/// A rule that exhausts the steps is accepted.
#[test]
fn a_hard_rule_is_taken_as_it_is() {
    // The pigeonhole principle: eleven keys in ten places, no two in the same. A search by cases takes exponential time.
    let placed = |key: usize, place: usize| format!(r#"permissions = ["k{key}:{place}"]"#);
    let somewhere = (0..11)
        .map(|key| format!("any({})", joined((0..10).map(|place| format!("not({})", placed(key, place))))));
    let alone = (0..10).flat_map(|place| {
        (0..11).flat_map(move |key| {
            (0..key).map(move |other| format!("any({}, {})", placed(key, place), placed(other, place)))
        })
    });
    let rule =
        joined(somewhere.chain(alone).map(|clause| clause.replace(r#""], permissions = [""#, r#"", ""#)));
    assert_eq!(found_within(STEPS, &rule), (0, STEPS));
    assert!(said(&rule).is_empty());
    // Mere length exhausts the steps, too.
    let any_org = joined((0..3000).map(|n| format!(r#"org = "org_{n}""#)));
    assert_eq!(found_within(STEPS, &format!("any({any_org})")), (0, STEPS));
}

/// A search that runs out of steps reports only real faults.
#[test]
fn what_is_found_is_right_however_few_the_steps() {
    for (rule, all) in [
        (r#"permissions = ["a"], scopes = ["s"], not(permissions = ["a"])"#, 1),
        (r#"permissions = ["a"], all(permissions = ["a"], any(roles = ["r"], scopes = ["s"]))"#, 1),
        ("any(principal = user, principal = machine)", 1),
        (r#"any(roles = ["a"], all(not(roles = ["a"]), scopes = ["s"]))"#, 0),
    ] {
        for steps in 0..200 {
            let (found, used) = found_within(steps, rule);
            assert!(found <= all && used <= steps, "{found} in {used} of {steps}: {rule}");
        }
        assert_eq!(found_within(STEPS, rule).0, all, "{rule}");
    }
}

//! How rules are written and read.

use proptest::prelude::*;
use proptest::sample::select;

use super::model::{Ast, flag, not, rule, token};
use crate::{KeyFault, Kind, Literal, Rule, RuleError, RuleFault};

fn read(text: &str) -> Result<Rule, RuleError> {
    text.parse()
}

#[test]
fn rules_are_written_in_normal_form() {
    let cases = [
        ("authenticated", "authenticated"),
        ("not(authenticated)", "not(authenticated)"),
        (
            r#"roles=["admin"],permissions=["delete:todos"],"#,
            r#"permissions = ["delete:todos"], roles = ["admin"]"#,
        ),
        (r#"permissions = ["b", "a", "b"], permissions = ["c"]"#, r#"permissions = ["a", "b", "c"]"#),
        (
            r#"all(permissions = ["a"], all(roles = ["b"], scopes = ["c"]))"#,
            r#"permissions = ["a"], roles = ["b"], scopes = ["c"]"#,
        ),
        (r#"any(permissions = ["a", "b"])"#, r#"any(permissions = ["a", "b"])"#),
        (r#"any(permissions = ["a", "a"])"#, r#"permissions = ["a"]"#),
        (r#"not(permissions = ["a"]), not(roles = ["b"])"#, r#"not(permissions = ["a"], roles = ["b"])"#),
        (r#"not(any(permissions = ["a"], roles = ["b"]))"#, r#"not(permissions = ["a"], roles = ["b"])"#),
        (
            r#"not(all(permissions = ["a", "b"]))"#,
            r#"any(not(permissions = ["a"]), not(permissions = ["b"]))"#,
        ),
        (r#"not(not(permissions = ["a", "b"]))"#, r#"any(permissions = ["a", "b"])"#),
        (
            r#"any(roles = ["x"], not(permissions = ["a", "b"]))"#,
            r#"any(roles = ["x"], not(permissions = ["a", "b"]))"#,
        ),
        (
            r#"any(all(permissions = ["a"], not(permissions = ["c", "b"])), not(scopes = ["s"]), org = "org_1")"#,
            r#"any(org = "org_1", not(scopes = ["s"]), all(permissions = ["a"], not(permissions = ["b", "c"])))"#,
        ),
        (
            r#"org = "org_2", principal = machine, org = "org_1""#,
            r#"org = "org_1", org = "org_2", principal = machine"#,
        ),
        (
            r#"feature_flags = ["y" = 5, "x", "y" = "5", "y" = -1, "y" = true]"#,
            r#"feature_flags = ["x", "y", "y" = -1, "y" = 5, "y" = "5"]"#,
        ),
        (
            "feature_flags = [\"x\" = \"\\u{2e}\\n\\\"\u{fc}\"]",
            "feature_flags = [\"x\" = \".\\n\\\"\u{fc}\"]",
        ),
        (
            r#"any(all(principal = machine, org = "a"), all(principal = user, org = "a"))"#,
            r#"any(all(org = "a", principal = user), all(org = "a", principal = machine))"#,
        ),
        (r#"not(principal = machine, org = "org_1")"#, r#"not(org = "org_1", principal = machine)"#),
        (r#"any(permissions = ["a"], not(authenticated))"#, r#"permissions = ["a"]"#),
        (
            r#"billing_entitlements = ["Pro plan"], roles = live(["b", "a"]), roles = ["c"], principal = user"#,
            r#"roles = ["c"], principal = user, roles = live(["a", "b"]), billing_entitlements = ["Pro plan"]"#,
        ),
        (
            r#"not(permissions = live(["a"]), permissions = ["a"], feature_flags = live(["x" = 1]))"#,
            r#"not(permissions = ["a"], permissions = live(["a"]), feature_flags = live(["x" = 1]))"#,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap().to_string(), expected, "{text}");
    }
}

#[test]
fn errors_say_what_and_where() {
    let cases = [
        ("", "at byte 0: expected `authenticated`, `permissions`,"),
        (r#"permission = ["a"]"#, "at byte 0: expected `authenticated`"),
        (r#"permissions = "a""#, "at byte 14: expected `[`"),
        ("permissions = []", "at byte 15: expected a string in quotation marks"),
        (r#"permissions = ["a" "b"]"#, "at byte 19: expected `,` or `]`"),
        (r#"permissions = ["a"] roles"#, "at byte 20: expected `,` or the end"),
        (r#"permissions = ["a"#, "at byte 15: the string does not end"),
        (r#"permissions = ["a b"]"#, "at byte 15: the key contains whitespace"),
        (r#"permissions = [""]"#, "at byte 15: the key is empty"),
        (r#"feature_flags = ["x" = 1e3]"#, "at byte 24: expected `,` or `]`"),
        (
            r#"feature_flags = ["x" = 9223372036854775808]"#,
            "at byte 23: the number does not fit into 64 bits",
        ),
        (r#"feature_flags = ["x" = yes]"#, "at byte 23: expected a string, a number, `true` or `false`"),
        (r#"feature_flags = ["x" = "\q"]"#, r"at byte 24: unknown escape"),
        (r#"feature_flags = ["x" = "\u{d800}"]"#, r"at byte 24: unknown escape"),
        (r#"any(permissions = ["a"])"#, "at byte 0: `any` and `all` take two or more"),
        ("not()", "at byte 4: expected `authenticated`"),
        ("any(", "at byte 4: expected `authenticated`"),
        (r#"permissions = live["a"]"#, "at byte 18: expected `(`"),
        (r#"permissions = live(["a"]"#, "at byte 24: expected `)`"),
        (r#"scopes = live(["a"])"#, "at byte 9: expected `[`"),
        (r#"billing_entitlements = live(["a"])"#, "at byte 23: expected `[`"),
        (r#"billing_entitlements = [""]"#, "at byte 24: the key is empty"),
        ("billing_entitlements = [\"a\u{85}\"]", "at byte 24: the key contains a control character"),
        ("principal = robot", "at byte 12: expected `user` or `machine`"),
        (r#"org = "org_1", authenticated"#, "at byte 15: `authenticated` stands alone"),
        ("permissions = [\"\u{fc}\"]", "at byte 15: the key contains a character outside ASCII"),
    ];
    for (text, expected) in cases {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
    let error = read(r#"roles = ["a b"]"#).unwrap_err();
    assert_eq!((error.position(), error.fault()), (9, RuleFault::Key(KeyFault::Whitespace)));
}

/// `all(k, any(k, all(k, not(…))))`, `depth` combinators deep, the innermost an `all`.
fn alternating(depth: usize) -> String {
    (0..depth).fold(r#"not(roles = ["r", "s"])"#.to_owned(), |inner, level| {
        let name = if level.is_multiple_of(2) { "all" } else { "any" };
        format!(r#"{name}(permissions = ["k{level}"], {inner})"#)
    })
}

#[test]
fn nesting_is_bounded() {
    let deepest = read(&alternating(32)).unwrap();
    assert_eq!(read(&deepest.to_string()).unwrap(), deepest);
    assert_eq!(read(&alternating(33)).unwrap_err().fault(), RuleFault::TooDeep);
    assert_eq!(read(&alternating(500)).unwrap_err().fault(), RuleFault::TooDeep);
    assert_eq!(read(&"not(".repeat(1_000_000)).unwrap_err().fault(), RuleFault::TooDeep);
    let negations = format!("{}roles = [\"r\"]{}", "not(".repeat(64), ")".repeat(64));
    assert_eq!(read(&negations).unwrap().to_string(), r#"roles = ["r"]"#);
}

#[test]
fn hidden_characters_are_escaped() {
    let theme = |value| Ast::Leaf(flag("theme", Literal::Text(value)));
    let shown = |value| theme(value).requirement().to_string();
    assert_eq!(shown("gr\u{fc}n"), "feature_flags = [\"theme\" = \"gr\u{fc}n\"]");
    assert_eq!(
        shown("\0\u{7f}\u{202e}\u{200b}"),
        r#"feature_flags = ["theme" = "\u{0}\u{7f}\u{202e}\u{200b}"]"#
    );
    assert_eq!(shown("a\tb\r\n\\"), r#"feature_flags = ["theme" = "a\tb\r\n\\"]"#);
}

#[test]
fn the_facts_of_every_kind_are_written() {
    let all = Ast::All(vec![
        Ast::Leaf(token(Kind::Principal, "user")),
        not(Ast::Leaf(token(Kind::Organization, "org_1"))),
        Ast::Leaf(token(Kind::FeatureFlags, "beta")),
        Ast::Leaf(token(Kind::Scopes, "s")),
        Ast::Leaf(token(Kind::Roles, "r")),
        Ast::Leaf(token(Kind::Permissions, "p")),
    ]);
    assert_eq!(
        all.requirement().to_string(),
        r#"permissions = ["p"], roles = ["r"], scopes = ["s"], feature_flags = ["beta"], principal = user, not(org = "org_1")"#
    );
}

const PIECES: [&str; 32] = [
    "live",
    "billing_entitlements",
    "authenticated",
    "permissions",
    "roles",
    "scopes",
    "feature_flags",
    "org",
    "principal",
    "any",
    "all",
    "not",
    "user",
    "machine",
    "true",
    "(",
    "(",
    ")",
    ")",
    "[",
    "]",
    "=",
    ",",
    ",",
    "\"a\"",
    "\"b\"",
    "\"\\u{",
    "\"",
    "5",
    "-",
    " ",
    "\u{fc}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_normal_form_reads_back_as_the_same_rule(rule in rule()) {
        let requirement = rule.requirement();
        let read: Rule = requirement.to_string().parse().unwrap();
        prop_assert_eq!(&read, &Rule::from(&requirement));
        prop_assert_eq!(read.to_string(), requirement.to_string());
    }

    #[test]
    fn order_and_repetition_do_not_change_the_normal_form(rule in rule()) {
        prop_assert_eq!(rule.requirement().to_string(), rule.shuffled().requirement().to_string());
    }

    #[test]
    fn any_flag_value_reads_back(value in any::<String>()) {
        let value: &'static str = value.leak();
        let flag = Ast::Leaf(flag("x", Literal::Text(value)));
        let requirement = flag.requirement();
        prop_assert_eq!(requirement.to_string().parse::<Rule>().unwrap(), Rule::from(&requirement));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        if let Err(error) = read(&text) {
            prop_assert!(text.is_char_boundary(error.position()));
        }
    }

    #[test]
    fn no_sequence_of_pieces_makes_the_parser_panic(pieces in proptest::collection::vec(select(&PIECES[..]), 0..40)) {
        let text = pieces.concat();
        match read(&text) {
            Ok(rule) => prop_assert_eq!(read(&rule.to_string()).unwrap(), rule),
            Err(error) => prop_assert!(text.is_char_boundary(error.position())),
        }
    }

    #[test]
    fn no_cut_of_a_rule_makes_the_parser_panic(rule in rule(), cut in any::<prop::sample::Index>()) {
        let text = rule.requirement().to_string();
        let cut = cut.index(text.len());
        if let Some(Err(error)) = text.get(..cut).map(read) {
            prop_assert!(error.position() <= cut);
        }
    }
}

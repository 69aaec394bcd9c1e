//! Every kind in the table of `kinde-perms-policy` is known wherever a kind has to be. How the macros read it is in
//! `tests/attribute`, what the program says of a manifest in its own tests.

use std::path::Path;
use std::{fs, iter};

use kinde_perms::access::{Access, AccessMatrix, Format, Route};
use kinde_perms::{
    Decision, Rule,
    policy::{ClaimFault, Kind, Leaf, Missing, Source},
};
use kinde_perms_policy::kinde_toml::read::read;
use kinde_perms_policy::shared::{Facts, Liveness, Shape, Standing, for_each_fact};
use serde_json::json;

/// A rule that asks for one thing of a kind: the text, and who is asked.
fn samples(kind: Kind) -> Vec<(String, Source)> {
    let word = kind.word();
    match (kind.shape(), kind.liveness()) {
        (Shape::One, _) => vec![(format!(r#"{word} = "k""#), Source::Token)],
        (Shape::Name, _) => vec![(format!("{word} = machine"), Source::Token)],
        (_, Liveness::Never) => vec![(format!(r#"{word} = ["k"]"#), Source::Token)],
        (_, Liveness::Always) => vec![(format!(r#"{word} = ["k"]"#), Source::Live)],
        (_, Liveness::Marked) => vec![
            (format!(r#"{word} = ["k"]"#), Source::Token),
            (format!(r#"{word} = live(["k"])"#), Source::Live),
        ],
    }
}

fn all() -> impl Iterator<Item = (Kind, String, Source, Rule)> {
    let read = |(kind, (text, source)): (Kind, (String, Source))| {
        let rule = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        (kind, text, source, rule)
    };
    Kind::ALL.iter().flat_map(|kind| iter::repeat(*kind).zip(samples(*kind))).map(read)
}

/// Of everything, one and the same is known.
struct Everything(Standing);

impl Facts for Everything {
    fn standing(&self, _: &Leaf<'_>) -> Standing {
        self.0
    }

    fn fault(&self, _: &Leaf<'_>) -> ClaimFault {
        ClaimFault::Malformed
    }
}

#[test]
fn every_kind_is_read_and_printed() {
    for (kind, text, source, rule) in all() {
        let mut facts = Vec::new();
        for_each_fact(&rule, |fact| facts.push((fact.kind, fact.source)));
        assert_eq!(facts, [(kind, source)], "{text}");
        assert_eq!(rule.to_string(), text);
        let negated: Rule = format!("not({text})").parse().unwrap();
        assert_eq!(negated.to_string(), format!("not({text})"));
        assert_eq!(negated.to_string().parse::<Rule>().as_ref(), Ok(&negated));
        let unknown = "x".parse::<Rule>().unwrap_err().to_string();
        assert!(unknown.contains(&format!("`{}`", kind.word())), "{unknown}");
    }
}

#[test]
fn every_kind_is_decided_and_explained() {
    for (kind, text, source, rule) in all() {
        assert!(rule.decide(&Everything(Standing::Held)).is_allow(), "{text}");
        let refused = |standing| match rule.decide(&Everything(standing)) {
            Decision::Deny(denied) => denied,
            Decision::Allow => panic!("{text} holds"),
        };
        let denied = refused(Standing::Lacking);
        let key = if kind.shape() == Shape::Name { "machine" } else { "k" };
        assert!(
            matches!(denied.missing(), [Missing::Lacking(fact)] if (fact.kind, fact.source) == (kind, source))
        );
        let who = if source == Source::Live { "account" } else { "token" };
        assert_eq!(denied.to_string(), format!("{who} lacks {} `{key}`", kind.noun()));
        let entry = if kind.shape() == Shape::Values { json!({"name": key}) } else { json!(key) };
        assert_eq!(serde_json::to_value(&denied).unwrap(), json!({ kind.word(): [entry] }));
        let unknown = refused(Standing::Unknown).to_string();
        assert_eq!(unknown, format!("token carries a malformed {} claim", kind.claim()));
        let unasked = refused(Standing::Unasked(kind)).to_string();
        assert_eq!(unasked, format!("kinde was not asked about {}", kind.claim()));
    }
}

#[test]
fn every_kind_is_compared_with_every_other() {
    for (_, text, _, rule) in all() {
        assert!(!rule.is_always_met() && !rule.is_never_met(), "{text}");
        for (_, other_text, _, other) in all() {
            assert_eq!(rule.implies(&other), text == other_text, "{text} and {other_text}");
        }
    }
}

#[test]
fn every_kind_has_its_section_or_none() {
    let sections: Vec<String> =
        Kind::in_manifest().map(|kind| format!("[{}]\nk = \"\"\n", kind.section().unwrap().name)).collect();
    let file = sections.concat();
    let manifest = read(&file, |kind, key| kind.check(key).map_err(|fault| fault.to_string())).unwrap();
    let empty = read("", |_, _| Ok(())).unwrap();
    for (kind, text, _, rule) in all() {
        for_each_fact(&rule, |fact| assert_eq!(manifest.impossible("kinde.toml", fact), None, "{text}"));
        assert_eq!(kind.section().is_some(), !manifest.entries(kind).is_empty(), "{text}");
        if let Some(section) = kind.section().filter(|section| section.always_enforced) {
            let expected = format!(
                "unknown {} `k`; it is not declared in kinde.toml: add it to `[{}]`",
                section.noun, section.name
            );
            for_each_fact(&rule, |fact| {
                let fault = empty.impossible("kinde.toml", fact).unwrap();
                assert!(fault.starts_with(&expected), "{fault}");
            });
        }
    }
}

#[test]
fn every_kind_is_in_what_the_program_prints() {
    for (_, text, _, rule) in all() {
        let matrix: AccessMatrix = [Route::new("GET", "/x", Access::Guarded(rule))].into_iter().collect();
        for format in [Format::Text, Format::Markdown] {
            assert!(matrix.render(format).contains(&text), "{text}: {}", matrix.render(format));
        }
    }
}

/// The tables in the documents of `#[requires]` and in the README have a line for each.
#[test]
fn every_kind_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for document in ["kinde-perms-macros/src/lib.rs", "README.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        for kind in Kind::ALL {
            let line = format!("| `{} = ", kind.word());
            assert!(text.contains(&line), "{document} has no line for `{}`", kind.word());
        }
    }
    let macros = fs::read_to_string(root.join("kinde-perms-macros/src/lib.rs")).unwrap();
    for section in Kind::in_manifest().filter_map(Kind::section) {
        assert!(
            macros.contains(&format!("`{}`", section.name)),
            "`manifest!` does not list `{}`",
            section.name
        );
    }
}

//! Replays the corpus of the fuzz target `attribute` without a fuzzer, one trial for each input.

#![allow(
    dead_code,
    unused_imports,
    reason = "neither the macros' entry points nor the harness for their own tests is here"
)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a trial fails by a panic")]

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use kinde_perms_policy::Kind;
use kinde_perms_policy::shared::{Liveness, Shape};
use libtest_mimic::{Arguments as Options, Failed, Trial};
use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::Strategy as _;
use proptest::test_runner::{Config, TestRunner};

include!("../../fuzz/src/macros.rs");

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/attribute");
    let trials: Vec<Trial> =
        fs::read_dir(folder).unwrap().map(|entry| trial(&entry.unwrap().path())).collect();
    assert!(trials.len() >= 15, "the corpus was found");
    let more = [
        Trial::test("vacuous_and_redundant_rules", vacuous_and_redundant_rules),
        Trial::test("every_kind_is_read_by_the_macros", || {
            every_kind_is_read_by_the_macros();
            Ok(())
        }),
    ];
    let trials = trials.into_iter().chain(more).collect();
    libtest_mimic::run(&Options::from_args(), trials).exit_code()
}

/// The macros and the runtime read every kind of the table alike. `tests/it/kinds.rs` has the other tests of kinds.
fn every_kind_is_read_by_the_macros() {
    for kind in Kind::ALL {
        let word = kind.word();
        let mut texts = match kind.shape() {
            Shape::List | Shape::Values => vec![format!(r#"{word} = ["k"]"#)],
            Shape::One => vec![format!(r#"{word} = "k""#)],
            Shape::Name => vec![format!("{word} = machine")],
        };
        if kind.liveness() == Liveness::Marked {
            texts.push(format!(r#"{word} = live(["k"])"#));
        }
        for text in texts {
            let understood = attribute::understood(&text).map(|rule| rule.to_string());
            assert_eq!(understood.as_ref(), Some(&text));
        }
    }
}

/// The macros and the runtime agree on random rules over few facts: which rules are contradictions or tautologies, and
/// which parts are redundant.
fn vacuous_and_redundant_rules() -> Result<(), Failed> {
    const FACTS: [&[&str]; 6] = [
        &[r#"permissions = ["a"]"#, r#"permissions = ["b"]"#, r#"permissions = ["a", "b"]"#],
        &[r#"roles = ["a"]"#],
        &[
            r#"feature_flags = ["x"]"#,
            r#"feature_flags = ["x" = true]"#,
            r#"feature_flags = ["x" = 1]"#,
            r#"feature_flags = ["x" = "1"]"#,
            r#"feature_flags = ["x", "x" = false]"#,
        ],
        &[r#"org = "org_1""#, r#"org = "org_2""#],
        &["principal = user", "principal = machine"],
        &[r#"permissions = live(["a"])"#],
    ];
    let facts = FACTS.map(|facts| proptest::option::weighted(0.3, select(facts)));
    let facts = facts.prop_map(|facts| facts.into_iter().flatten().map(str::to_owned).collect::<Vec<_>>());
    let level = facts.prop_recursive(3, 10, 3, |inner| {
        let word = select(&["any", "any", "all", "not"][..]);
        let part = (word, inner.clone()).prop_map(|(word, parts)| format!("{word}({})", parts.join(", ")));
        (inner, vec(part, 0..3)).prop_map(|(parts, more)| parts.into_iter().chain(more).collect())
    });
    let seen = [Cell::new(0_u32), Cell::new(0)];
    let mut runner = TestRunner::new(Config { cases: 4_000, failure_persistence: None, ..Config::default() });
    let result = runner.run(&level, |parts| {
        if let Some(complaints) = attribute::vacuous(&parts.join(", ")) {
            let [fine, wrong] = &seen;
            let kind = if complaints == 0 { fine } else { wrong };
            kind.set(kind.get().saturating_add(1));
        }
        Ok(())
    });
    result.map_err(|error| error.to_string())?;
    assert!(seen.iter().all(|rules| rules.get() > 200), "enough of both kinds: {seen:?}");
    Ok(())
}

fn trial(path: &Path) -> Trial {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let input = fs::read(path).unwrap();
    Trial::test(name, move || {
        attribute::attribute(&input);
        Ok(())
    })
}

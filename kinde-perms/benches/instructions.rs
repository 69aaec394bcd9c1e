//! Runs one scenario a number of times under an instruction counter; `instructions.sh` calls it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::unused_async,
    missing_docs,
    unreachable_pub,
    reason = "a measurement that cannot go on fails; handlers are async by form"
)]

mod scenarios;

use std::fs;
use std::path::Path;

use self::scenarios::{Fixture, Work, scenarios};

/// The number of runs before counting: they fill caches, branch predictors and lazy values.
const WARM_UP: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["write", folder] => write(&Fixture::new(), Path::new(folder)),
        ["list"] => scenarios().iter().for_each(|(name, _)| println!("{name}")),
        ["run", folder, name, times] => run(&read(Path::new(folder)), name, times.parse().unwrap()),
        _ => println!("write FOLDER | list | run FOLDER NAME TIMES"),
    }
}

/// Writes keys and tokens for later runs: making them under an instruction counter would take minutes.
fn write(fixture: &Fixture, folder: &Path) {
    let tokens: Vec<String> = fixture.tokens.iter().map(|(name, token)| format!("{name} {token}")).collect();
    let (many, tokens) = (fixture.many.join("\n"), tokens.join("\n"));
    for (name, text) in [("keys", &fixture.keys), ("many", &many), ("tokens", &tokens)] {
        fs::write(folder.join(name), text).unwrap();
    }
}

fn read(folder: &Path) -> Fixture {
    let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let named = |line: &str| line.split_once(' ').map(|(name, token)| (name.to_owned(), token.to_owned()));
    Fixture {
        keys: text("keys"),
        many: text("many").lines().map(str::to_owned).collect(),
        tokens: text("tokens").lines().map(|line| named(line).unwrap()).collect(),
    }
}

fn run(fixture: &Fixture, name: &str, times: usize) {
    let (_, prepare) = scenarios().into_iter().find(|(known, _)| *known == name).unwrap();
    let mut work = prepare(fixture);
    (0..WARM_UP).for_each(|_| work());
    measured_part(&mut work, times);
}

/// The function that the instruction counter counts, found by its name.
#[inline(never)]
fn measured_part(work: &mut Work, times: usize) {
    (0..times).for_each(|_| work());
}

//! The inputs of the fuzz target `attribute`, replayed without a fuzzer: one trial each.

#![allow(
    dead_code,
    unused_imports,
    reason = "neither the macros' entry points nor the harness for their own tests is here"
)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a trial fails by a panic")]

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments as Options, Trial};

include!("../../fuzz/src/macros.rs");

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/attribute");
    let trials: Vec<Trial> =
        fs::read_dir(folder).unwrap().map(|entry| trial(&entry.unwrap().path())).collect();
    assert!(trials.len() >= 15, "the corpus was found");
    libtest_mimic::run(&Options::from_args(), trials).exit_code()
}

fn trial(path: &Path) -> Trial {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let input = fs::read(path).unwrap();
    Trial::test(name, move || {
        attribute::attribute(&input);
        Ok(())
    })
}

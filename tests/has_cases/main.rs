//! Compares this crate with Kinde's JavaScript SDK. Each case records an answer that was measured on the SDK or read in its
//! source; the same call is made here.
//!
//! Each case is one trial. It must give Kinde's answer, or belong to a declared [deviation](deviation::Class). A deviation
//! is declared by the shape of a case, never by its name. Undeclared differences and unknown calls fail.
//! `KINDE_PERMS_HAS_CASES=FILE` runs another file of the same form, without comparing the number of deviations.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a trial that cannot go on fails by panicking"
)]
#![expect(clippy::print_stdout, reason = "the summary is the program's output")]

mod answer;
mod call;
mod case;
mod condition;
mod deviation;
mod mint;
mod question;
mod server;
mod tally;
mod trial;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

/// The cases of this project: measured ones, and ones read in the SDK's source (0.32.1).
const CASES: [&str; 2] = [include_str!("has_cases.json"), include_str!("source_cases.json")];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let given = given();
    let texts = match &given {
        Some(file) => vec![std::fs::read_to_string(file).expect("the file that KINDE_PERMS_HAS_CASES names")],
        None => CASES.map(str::to_owned).to_vec(),
    };
    let read = |text: &String| serde_json::from_str::<Vec<case::Case>>(text).expect("an array of cases");
    let cases: Vec<case::Case> = texts.iter().flat_map(read).collect();
    let tally = Arc::new(tally::Tally::new(cases.len()));
    let conclusion =
        libtest_mimic::run(&arguments, cases.into_iter().map(|case| named(case, &tally)).collect());
    if arguments.list {
        return conclusion.exit_code();
    }
    println!("{tally}");
    if given.is_none() && tally.is_complete() && !tally.is_as_expected() {
        println!("has_cases: the numbers of the deviations are not {:?}", tally::EXPECTED);
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

#[expect(clippy::disallowed_methods, reason = "this says what is tested; it is no setting of the library")]
fn given() -> Option<std::ffi::OsString> {
    std::env::var_os("KINDE_PERMS_HAS_CASES")
}

/// The name begins with the binary's, so that `cargo test has_cases` selects every case.
fn named(case: case::Case, tally: &Arc<tally::Tally>) -> Trial {
    let tally = Arc::clone(tally);
    Trial::test(format!("has_cases: {}", case.name), move || trial::run(&case, &tally).map_err(Into::into))
}

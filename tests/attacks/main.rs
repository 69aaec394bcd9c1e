//! Attacks on the verification of access tokens, one named trial each.
//!
//! `attacks.json` lists published attacks. [`table`] says for each how it is made and what the answer must be, and adds
//! attacks of our own (`own-…`). A row of either list that the other lacks is a failure. After each attack the next good
//! token must still be accepted, and the issuer must not have been asked more often than is allowed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a trial that cannot go on fails by panicking"
)]
#![expect(clippy::print_stdout, reason = "the summary is the program's output")]

mod attack;
mod catalogue;
mod der;
mod edwards;
mod forge;
mod rsa;
mod site;
mod stage;
mod table;
mod tally;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tally = Arc::new(tally::Tally::default());
    let trials = catalogue::trials(&tally);
    let listing = arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !listing {
        println!("{tally}");
    }
    conclusion.exit_code()
}

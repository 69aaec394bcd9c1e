//! Runs published vectors of signed tokens through a validator.
//!
//! Wycheproof's JWS file and the examples of RFC 7520 are not part of this repository: they are read from the directory
//! that `KINDE_PERMS_VECTORS` names (`wycheproof/…`, `jose-cookbook/…`), and reported as ignored without it. Wycheproof's
//! files about signature algorithms are unit tests of the library (`jwks/document/wycheproof.rs`) and always run.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and the summary is the program's output"
)]

mod cookbook;
mod directory;
mod jws;
mod public;
mod tally;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use self::directory::Directory;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let directory = Directory::from_environment();
    let trials: Vec<Trial> =
        [jws::trials(&directory), cookbook::trials(&directory)].into_iter().flatten().collect();
    let listing = arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !listing {
        println!("{}", tally::summary(&directory));
    }
    conclusion.exit_code()
}

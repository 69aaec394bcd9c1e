//! The command line of `kinde-perms`; see `kinde-perms --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    kinde_perms::cli::main()
}

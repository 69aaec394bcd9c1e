//! The program `kinde-perms`: access matrices and tokens, looked at from outside the application, and an issuer to develop
//! against.

mod access;
mod arguments;
mod declared;
mod dev;
mod key_file;
mod manifest;
mod mint;
mod output;
mod people;
mod token;

#[cfg(test)]
mod tests;

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use self::arguments::{Arguments, Command};
use self::output::{Failure, Output};
use crate::time::{Clock as _, SystemClock};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(Output { text, status }) => {
            print(&text);
            ExitCode::from(status)
        }
        Err(Failure(message)) => {
            let _ = writeln!(io::stderr(), "kinde-perms: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Output, Failure> {
    match &arguments.command {
        Command::Access(command) => access::run(command, arguments.json),
        Command::Dev(command) => dev::run(command, arguments.json, &print),
        Command::Manifest(command) => manifest::run(command, arguments.json),
        Command::Token(command) => {
            token::run(command, arguments.json, SystemClock.unix_time().as_secs(), &read_standard_input)
        }
    }
}

fn print(text: &str) {
    let mut output = io::stdout();
    // That nobody reads any more is no failure.
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}

fn read_standard_input() -> io::Result<String> {
    // A token has 16 KiB at most; whatever is longer is none.
    let mut text = String::new();
    io::stdin().take(64 * 1024).read_to_string(&mut text)?;
    Ok(text)
}

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
mod terminal;
mod token;

#[cfg(test)]
mod tests;

use std::env;
use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use anstream::AutoStream;
use anstream::stream::{AsLockedWrite, RawStream};
use clap::Parser as _;

use self::arguments::{Arguments, Command};
use self::output::{Failure, Output};
use self::terminal::Terminal;
use crate::time::{Clock as _, SystemClock};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    let json = asks_for_json(&arguments);
    let outcome = match Arguments::try_parse_from(&arguments) {
        Ok(arguments) => run(&arguments, Terminal::output()),
        Err(error) if json && error.use_stderr() => Err(misused(&error)),
        // In clap's own words, and colours; help and version are no failures.
        Err(error) => error.exit(),
    };
    match outcome {
        Ok(Output { text, status }) => {
            print(&text);
            ExitCode::from(status)
        }
        Err(failure) => {
            write(io::stderr(), &failure.shown(json, Terminal::errors()));
            ExitCode::from(2)
        }
    }
}

/// Whether failures are to be JSON, even those of arguments that cannot be read.
fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}

fn misused(error: &clap::Error) -> Failure {
    let message = error.render().to_string();
    Failure::new(message.strip_prefix("error: ").unwrap_or(&message).trim_end())
}

fn run(arguments: &Arguments, terminal: Terminal) -> Result<Output, Failure> {
    let json = arguments.json;
    match &arguments.command {
        Command::Access(command) => access::run(command, json, terminal),
        Command::Dev(command) => dev::run(command, json, &print),
        Command::Manifest(command) => manifest::run(command, json, terminal),
        Command::Token(command) => {
            token::run(command, json, SystemClock.unix_time().as_secs(), &read_standard_input, terminal)
        }
    }
}

fn print(text: &str) {
    write(io::stdout(), text);
}

/// The text has colours only if they are wanted; consoles of old Windows know them by other means.
fn write(stream: impl RawStream + AsLockedWrite, text: &str) {
    let mut stream = AutoStream::always(stream);
    // That nobody reads any more is no failure.
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

fn read_standard_input() -> io::Result<String> {
    // A token has 16 KiB at most; whatever is longer is none.
    let mut text = String::new();
    io::stdin().take(64 * 1024).read_to_string(&mut text)?;
    Ok(text)
}

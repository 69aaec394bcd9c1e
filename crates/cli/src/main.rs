//! The program `kinde-perms`.
//!
//! `answer` parses the arguments, runs a command and cleans its text. The commands are `access`, `manifest`, `token`
//! and `dev`; `output` holds their results, and `terminal` shapes text for the stream.

mod access;
mod arguments;
mod declared;
mod dev;
mod key_file;
mod manifest;
mod mint;
mod output;
mod people;
mod runtime;
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
use kinde_perms::time::{Clock as _, SystemClock};
use kinde_perms_policy::printable::line;

use self::arguments::{Arguments, Command};
use self::output::{Failure, Output};
use self::terminal::Terminal;

/// Runs the program with the arguments of the process.
fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    let print = |text: &str| write(io::stdout(), text);
    let (complaint, status) = answer(&arguments, Terminal::output(), Terminal::errors(), &print);
    write(io::stderr(), &complaint);
    ExitCode::from(status)
}

/// Runs the command that the arguments name; returns the text for standard error and the exit status.
///
/// All text is cleaned here once more, in case a command has forgotten a value.
fn answer(arguments: &[OsString], output: Terminal, errors: Terminal, print: &dyn Fn(&str)) -> (String, u8) {
    let json = asks_for_json(arguments);
    let say = |text: &str| print(&output.cleaned(text));
    let outcome = match parsed(arguments) {
        Ok(arguments) => run(&arguments, output, &say),
        Err(error) if json && error.use_stderr() => Err(misused(&error)),
        // clap chooses words and colors here. Help and version are no failures.
        Err(error) if error.use_stderr() => return (errors.styled(&error.render()), 2),
        Err(error) => {
            print(&output.styled(&error.render()));
            return (String::new(), 0);
        }
    };
    match outcome {
        Ok(Output { text, status }) => {
            say(&text);
            (String::new(), status)
        }
        Err(failure) => (errors.cleaned(&failure.shown(json, errors)), 2),
    }
}

/// Parses the arguments. An error repeats them, so they are cleaned and parsed again for a clean error.
fn parsed(arguments: &[OsString]) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(arguments).map_err(|error| {
        let cleaned = arguments.iter().map(|argument| line(&argument.to_string_lossy()).into_owned());
        // Only arguments that are not UTF-8 can become valid by cleaning, and clap does not repeat those.
        Arguments::try_parse_from(cleaned).err().unwrap_or(error)
    })
}

/// Returns `true` if failures should be JSON, even if the arguments cannot be parsed.
fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json")
}

fn misused(error: &clap::Error) -> Failure {
    let message = error.render().to_string();
    Failure::lines(message.strip_prefix("error: ").unwrap_or(&message).trim_end().lines())
}

fn run(arguments: &Arguments, terminal: Terminal, say: &dyn Fn(&str)) -> Result<Output, Failure> {
    let json = arguments.json;
    match &arguments.command {
        Command::Access(command) => access::run(command, json, terminal),
        Command::Dev(command) => dev::run(command, json, say),
        Command::Manifest(command) => manifest::run(command, json, terminal),
        Command::Token(command) => {
            token::run(command, json, SystemClock.unix_time().as_secs(), &read_standard_input, terminal)
        }
    }
}

/// Writes text whose colors are decided already; `AutoStream` translates them for old Windows consoles.
fn write(stream: impl RawStream + AsLockedWrite, text: &str) {
    let mut stream = AutoStream::always(stream);
    // A closed pipe is no failure.
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

fn read_standard_input() -> io::Result<String> {
    // A token has 16 KiB at most.
    let mut text = String::new();
    io::stdin().take(64 * 1024).read_to_string(&mut text)?;
    Ok(text)
}

//! Compares guarded servers: CPU per request, requests per second, latency.
//!
//! Every server is a separate process with one worker, and is asked over keep-alive connections. Each run of a server is
//! paired with a run of the bare one right before or after it, so that other load of the machine falls on both. The figures
//! are medians over the rounds. Both servers are restarted for each round with a random memory layout: the place of buffers
//! can cost a process more than a guard does, for its whole life.

mod compare;
mod fixture;
mod load;
mod servers;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["compare", rounds, ref names @ ..] => {
            compare::run(rounds.parse().expect("a number of rounds"), names);
        }
        ["interleave", rounds, ref servers @ ..] => {
            compare::interleave(rounds.parse().expect("a number of rounds"), servers);
        }
        ["serve", name, folder] => servers::serve(name, folder.as_ref()),
        _ => {
            eprintln!("compare ROUNDS [NAME…] | interleave ROUNDS [PROGRAM:]NAME… | serve NAME FOLDER");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

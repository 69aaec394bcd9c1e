//! Starts the servers, runs them in pairs, prints the figures.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::fixture::{Folder, MANY, token};
use crate::load::{self, Seen};
use crate::servers::{BARE, KEYS};

/// The duration of a run: long enough for little noise.
const RUN: Duration = Duration::from_millis(500);

/// The number of requests that a server answers in a slice: some tens of milliseconds.
const SLICE: usize = 4000;

/// A server to compare with the bare one, the number of tokens sent to it, and whether it is another crate.
type Rival = (&'static str, usize, bool);

const RIVALS: [Rival; 9] = [
    ("with_argument", 1, false),
    ("guarded_warm", 1, false),
    ("guarded_cold", MANY, false),
    ("guarded_2000_tokens", MANY, false),
    ("handwritten", 1, false),
    ("jwt_authorizer", 1, true),
    ("axum_jwt_auth", 1, true),
    ("tower_oauth2_resource_server", 1, true),
    (EXPRESS, 1, true),
];

/// The backend of Kinde's guide; `run.sh` installs its packages.
const EXPRESS: &str = "express_kinde_jwt_validator";
const EXPRESS_FOLDER: &str = "express";

/// A server in a process of its own.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(name: &str, folder: &Folder) -> Self {
        let mut command = program_for_servers(&std::env::current_exe().expect("this program"));
        command.args(["serve", name]).arg(&folder.0);
        Self::running(command)
    }

    /// Starts a server by its name, or by `PROGRAM:NAME`.
    fn start_of(name: &str, folder: &Folder) -> Self {
        let Some((program, name)) = name.split_once(':') else { return Self::start(name, folder) };
        let mut command = program_for_servers(Path::new(program));
        command.args(["serve", name]).arg(&folder.0);
        Self::running(command)
    }

    /// The server fetches its keys from this port, without a limit.
    fn start_express(keys: &Self) -> Self {
        let mut command = program_for_servers(Path::new("node"));
        command.arg("server.js").arg(format!("http://127.0.0.1:{}", keys.port));
        command.current_dir(EXPRESS_FOLDER);
        Self::running(command)
    }

    fn running(mut command: Command) -> Self {
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut port = String::new();
        let output = process.stdout.as_mut().expect("its output");
        BufReader::new(output).read_line(&mut port).expect("its port");
        Self { process, port: port.trim().parse().expect("a port") }
    }

    /// Returns the process's user and system time, in nanoseconds.
    fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("the kernel's accounts");
        let of = |task: fs::DirEntry| fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let spent = tasks.flatten().map(of).filter_map(|text| text.split(' ').next()?.parse::<u64>().ok());
        Duration::from_nanos(spent.sum())
    }

    fn run(&self, tokens: &[String], count: usize) -> Run {
        let before = self.cpu();
        let seen = load::send(self.port, tokens, count);
        let cpu = (self.cpu() - before).as_secs_f64() / seen.latencies.len() as f64;
        Run { cpu, seen }
    }
}

/// Returns the command of a server, pinned to its own processor if `run.sh` found a way: otherwise the scheduler's
/// placement of servers and client would dominate the figures.
fn program_for_servers(program: &Path) -> Command {
    match std::env::var("SERVER_PROCESSOR") {
        Err(_) => Command::new(program),
        Ok(processor) => {
            let mut command = Command::new("taskset");
            command.args(["--cpu-list", &processor]).arg(program);
            command
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Run {
    /// Seconds per request.
    cpu: f64,
    seen: Seen,
}

/// The ratios of one rival over the rounds, and its other figures.
#[derive(Default)]
struct Column {
    cpu_ratio: Vec<f64>,
    per_second_ratio: Vec<f64>,
    cpu: Vec<f64>,
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

/// Compares servers with the bare one in one run: all of them are up, and each in turn answers for a short slice.
///
/// A server is the name of one here, or `PROGRAM:NAME` for that of another build. The bare server is compared with itself,
/// which tells how much of a ratio is noise. The order is another one in each round.
pub fn interleave(rounds: usize, names: &[&str]) {
    let folder = Folder::new();
    let many: Vec<String> = (0..MANY).map(|_| token()).collect();
    let all: Vec<&str> = [BARE, BARE].into_iter().chain(names.iter().copied()).collect();
    let servers: Vec<Server> = all.iter().map(|name| Server::start_of(name, &folder)).collect();
    let tokens =
        |at: usize| if all[at].ends_with("_warm") || all[at] == BARE { &many[..1] } else { &many[..] };
    for (at, server) in servers.iter().enumerate() {
        server.run(tokens(at), 2 * MANY);
    }
    let mut cpu = vec![Vec::new(); servers.len()];
    for round in 0..rounds {
        for step in 0..servers.len() {
            let at = (round + step) % servers.len();
            cpu[at].push(servers[at].run(tokens(at), SLICE).cpu * 1e6);
        }
    }
    for (at, name) in all.iter().enumerate() {
        let ratios: Vec<f64> = cpu[at].iter().zip(&cpu[0]).map(|(one, bare)| one / bare).collect();
        let [low, middle, high] = quartiles(&ratios);
        println!("{name} {middle:.3} ({low:.3}-{high:.3}) {:.2} us", median(&cpu[at]));
    }
}

/// Compares the named rivals, or all of them if none is named.
pub fn run(rounds: usize, names: &[&str]) {
    let folder = Folder::new();
    let many: Vec<String> = (0..MANY).map(|_| token()).collect();
    let rivals = RIVALS.iter().filter(|(name, ..)| names.is_empty() || names.contains(name));
    let has_express = Path::new(EXPRESS_FOLDER).join("node_modules").is_dir();
    let rivals: Vec<_> = rivals.filter(|(name, ..)| *name != EXPRESS || has_express).copied().collect();
    let keys = Server::start(KEYS, &folder);
    let mut columns: BTreeMap<&str, Column> = BTreeMap::new();
    for round in 0..rounds {
        for &(name, tokens, _) in &rivals {
            let bare = Server::start(BARE, &folder);
            let server =
                if name == EXPRESS { Server::start_express(&keys) } else { Server::start(name, &folder) };
            let tokens = &many[..tokens];
            let (count, bare_count) = (fitting_count(&server, tokens), fitting_count(&bare, tokens));
            // The second run may find a warmer or a slower machine, so the order alternates.
            let (run, of_bare) = if round % 2 == 0 {
                let of_bare = bare.run(tokens, bare_count);
                (server.run(tokens, count), of_bare)
            } else {
                let run = server.run(tokens, count);
                (run, bare.run(tokens, bare_count))
            };
            columns.entry(name).or_default().add(&run, &of_bare);
        }
    }
    print_table(&columns);
    print_figures(&rivals, &columns);
}

/// Warms a server up and returns the number of requests that it answers in the time of a run.
fn fitting_count(server: &Server, tokens: &[String]) -> usize {
    server.run(tokens, MANY * 2);
    let per_second = server.run(tokens, MANY).seen.per_second();
    ((per_second * RUN.as_secs_f64()) as usize).max(MANY)
}

impl Column {
    fn add(&mut self, run: &Run, bare: &Run) {
        self.cpu_ratio.push(run.cpu / bare.cpu);
        self.per_second_ratio.push(run.seen.per_second() / bare.seen.per_second());
        self.cpu.push(run.cpu * 1e6);
        self.per_second.push(run.seen.per_second());
        self.p50.push(run.seen.quantile(0.5).as_secs_f64() * 1e6);
        self.p99.push(run.seen.quantile(0.99).as_secs_f64() * 1e6);
    }
}

/// The lower quartile, the median and the upper quartile.
fn quartiles(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| sorted[(sorted.len() * quarter / 4).min(sorted.len() - 1)])
}

fn median(values: &[f64]) -> f64 {
    quartiles(values)[1]
}

fn print_table(columns: &BTreeMap<&str, Column>) {
    println!("server                        CPU x bare (quartiles)   CPU us   req/s   p50 us   p99 us");
    for (name, column) in columns {
        let [low, middle, high] = quartiles(&column.cpu_ratio);
        println!(
            "{name:<29} {middle:5.2} ({low:.2}-{high:.2}) {:15.1} {:7.0} {:8.0} {:8.0}",
            median(&column.cpu),
            median(&column.per_second),
            median(&column.p50),
            median(&column.p99),
        );
    }
    println!();
}

fn print_figures(rivals: &[Rival], columns: &BTreeMap<&str, Column>) {
    for (name, _, _) in rivals {
        println!("{name}_cpu_ratio {:.3}", median(&columns[name].cpu_ratio));
    }
    // Both are ratios to neighboring runs of the bare server, so one can be divided by the other.
    let Some(guarded) = columns.get("guarded_warm") else { return };
    let guarded = median(&guarded.per_second_ratio);
    println!("req_ratio_vs_bare {guarded:.3}");
    for (name, _, _) in rivals.iter().filter(|(name, _, other)| *other || *name == "handwritten") {
        println!("req_ratio_vs_{name} {:.2}", guarded / median(&columns[name].per_second_ratio));
    }
}

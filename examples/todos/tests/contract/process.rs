//! The real binary, started as a person would start it.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// No step of a start may take longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Variables that the server must not inherit from the test's environment.
const VARIABLES: [&str; 12] = [
    "KINDE_ISSUER_URL",
    "KINDE_DOMAIN",
    "KINDE_HOST",
    "KINDE_API_AUDIENCE",
    "KINDE_AUDIENCE",
    "TODOS_ADDR",
    "TODOS_ISSUER_ADDR",
    "TODOS_WEB",
    "TODOS_CLIENT_ID",
    "TODOS_DB",
    "TODOS_ALLOWED_ORIGINS",
    "RUST_LOG",
];

pub(crate) type Env<'a> = [(&'a str, &'a str)];

/// The binary with these variables and no others of its own; it ends when the test does.
pub(crate) fn todos(env: &Env<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_todos"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.envs(env.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A server that listens.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) url: String,
    /// The lines that the server had printed by then.
    pub(crate) output: String,
    /// Kept open, so that the server can write on.
    _lines: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts the server on a free port of loopback, unless `env` says otherwise.
    pub(crate) async fn start(env: &Env<'_>) -> Self {
        let mut child = todos(&[("TODOS_ADDR", "127.0.0.1:0")])
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut output = String::new();
        loop {
            let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap();
            let Some(line) = line else { panic!("the server ended before it listened: {output}") };
            if let Some(url) = line.strip_prefix("listening on ") {
                return Self { child, url: url.to_owned(), output, _lines: lines };
            }
            output.push_str(&line);
            output.push('\n');
        }
    }

    /// Asks the server to stop, as ctrl-c does, and returns its exit code.
    #[cfg(unix)]
    pub(crate) async fn interrupt(mut self) -> Option<i32> {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
        timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().code()
    }
}

/// How a program ended that was not to serve.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) async fn run(command: &mut Command) -> Ended {
    let output = timeout(PATIENCE, command.output()).await.unwrap().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The one sentence with which the server refuses to start.
pub(crate) async fn refusal(env: &Env<'_>) -> String {
    let ended = run(&mut todos(env)).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.stdout, "", "{ended:?}");
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    // Logged lines may come before it; nothing comes after it.
    let last = ended.stderr.lines().last().unwrap();
    last.strip_prefix("todos: ").unwrap_or_else(|| panic!("{ended:?}")).to_owned()
}

/// An HTTP client. It needs a crypto provider to be made, though it is used on loopback only.
pub(crate) fn client() -> reqwest::Client {
    // Another test of this process may have installed it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

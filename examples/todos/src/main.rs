//! Serves the todo API: settings, validator, router, socket, in that order.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fmt};

use kinde_perms::access::Format;
use kinde_perms::{ConfigError, Validator};
use todos::{App, Demo, Issuer, Settings, SettingsError, Store, StoreError, Web};
use tokio::net::TcpListener;
use tokio::signal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// How long requests under way may take after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

const USAGE: &str = "\
Usage: todos
       todos access [--format text|markdown|json|html]

A todo API guarded by Kinde permissions. `access` prints who may call what, and serves nothing. Otherwise the
environment configures the server:

  KINDE_ISSUER_URL        the Kinde domain, such as https://example.kinde.com
  KINDE_API_AUDIENCE      the API's identifier registered in Kinde
  TODOS_ADDR              where to listen (default 127.0.0.1:3000; port 0 takes a free one)
  TODOS_CLIENT_ID         the application in Kinde that people sign in to on the page
  TODOS_WEB               the folder of the built front end (default examples/todos/web/dist)
  TODOS_ISSUER_ADDR       where the test issuer listens (default a free port beside the server)
  TODOS_DB                the SQLite file (default :memory:, which ends with the process)
  TODOS_ALLOWED_ORIGINS   front ends that may call the API, separated by commas (default none)
  RUST_LOG                what to log on standard error (default info)

Without any KINDE_ variable, and on a loopback address, a test issuer is started beside the API, and tokens to
try it are printed.
";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
    match arguments.as_slice() {
        [] => serve_or_explain().await,
        ["--help" | "-h"] => {
            say(USAGE);
            ExitCode::SUCCESS
        }
        ["access"] => print_access(Format::Text),
        ["access", "--format", format] => match format.parse() {
            Ok(format) => print_access(format),
            Err(error) => misused(&format!("todos: {error}\n")),
        },
        _ => misused(USAGE),
    }
}

fn print_access(format: Format) -> ExitCode {
    say(&todos::access().render(format));
    ExitCode::SUCCESS
}

fn misused(text: &str) -> ExitCode {
    complain(text);
    ExitCode::from(2)
}

async fn serve_or_explain() -> ExitCode {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(io::stderr).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("todos: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), StartError> {
    let settings = Settings::from_env()?;
    let database = &settings.database;
    let store = Store::open(database).map_err(|error| StartError::Database(database.clone(), error))?;
    let Ready { listener, addr, validator, web, demo } = match settings.issuer {
        Issuer::Local => with_test_issuer(&settings).await?,
        _ => with_kinde(&settings).await?,
    };

    announce(&settings, demo.as_ref(), &web, addr);
    let app = todos::app(App::new(validator.clone(), store, web).allow_origins(settings.origins));
    serve(listener, app).await.map_err(|error| StartError::Listen(addr, error))?;
    validator.shutdown().await;
    Ok(())
}

/// All that serving takes. The test issuer is part of it, as it must live as long.
struct Ready {
    listener: TcpListener,
    addr: SocketAddr,
    validator: Validator,
    web: Web,
    demo: Option<Demo>,
}

/// Fetches the keys before the server accepts connections, so that no request has to wait for them.
async fn with_kinde(settings: &Settings) -> Result<Ready, StartError> {
    let validator = Validator::from_env().await?;
    let (listener, addr) = listen(settings.addr).await?;
    let web = Web::new(&settings.web, &validator, settings.client_id.clone());
    Ok(Ready { listener, addr, validator, web, demo: None })
}

/// The test issuer must know the address that it sends people back to.
async fn with_test_issuer(settings: &Settings) -> Result<Ready, StartError> {
    let (listener, addr) = listen(settings.addr).await?;
    let demo =
        Demo::start(settings.issuer_addr, addr).await.map_err(|error| StartError::Demo(error.into()))?;
    let validator = demo.validator().await.map_err(|error| StartError::Demo(error.into()))?;
    let web = Web::new(&settings.web, &validator, Some(Demo::CLIENT.to_owned())).beside_its_issuer(addr);
    Ok(Ready { listener, addr, validator, web, demo: Some(demo) })
}

async fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let unavailable = |error| StartError::Listen(addr, error);
    let listener = TcpListener::bind(addr).await.map_err(unavailable)?;
    let addr = listener.local_addr().map_err(unavailable)?;
    Ok((listener, addr))
}

fn announce(settings: &Settings, demo: Option<&Demo>, web: &Web, addr: SocketAddr) {
    if settings.in_memory() {
        tracing::warn!("the todos are kept in memory and end with the server; set TODOS_DB to keep them");
    }
    if let Some(demo) = demo {
        complain(&format!("{}\n\n", demo.warning()));
        say(&demo.instructions(addr, web.is_built()));
    }
    say(&format!("listening on http://{addr}\n"));
}

/// Serves until the process is told to stop. A connection that does not come to its end keeps it no longer
/// than [`GRACE`].
async fn serve(listener: TcpListener, app: axum::Router) -> io::Result<()> {
    let serving = axum::serve(listener, app).with_graceful_shutdown(told_to_stop());
    tokio::select! {
        result = serving => result,
        () = async { told_to_stop().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

/// Ends with the first ctrl-c, or SIGTERM, which is how containers are stopped.
async fn told_to_stop() {
    let interrupted = async {
        if let Err(error) = signal::ctrl_c().await {
            tracing::warn!(%error, "ctrl-c cannot be awaited");
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be awaited");
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}

/// Writes to standard output. A closed pipe does not stop the server.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn complain(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Why the server did not start: one sentence that names the setting to change.
#[derive(Debug)]
enum StartError {
    Settings(SettingsError),
    Kinde(ConfigError),
    Database(PathBuf, StoreError),
    Demo(Box<dyn Error>),
    Listen(SocketAddr, io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(error) => error.fmt(f),
            Self::Kinde(error) => error.fmt(f),
            Self::Database(path, error) => {
                write!(f, "TODOS_DB: cannot use {} as a database: {error}", path.display())
            }
            Self::Demo(error) => write!(f, "TODOS_ISSUER_ADDR: the test issuer did not start: {error}"),
            Self::Listen(addr, error) => write!(f, "TODOS_ADDR: cannot listen on {addr}: {error}"),
        }
    }
}

impl Error for StartError {}

impl From<SettingsError> for StartError {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Kinde(error)
    }
}

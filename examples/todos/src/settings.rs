//! The settings, read from the environment and checked before anything starts.

use std::env::VarError;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use http::{HeaderValue, Uri};

/// Every name under which `Validator::from_env` looks for its settings. One of them is enough to mean
/// "a real issuer": a half-configured server must name the missing settings, never fall back to a local issuer.
const KINDE_VARIABLES: [&str; 5] =
    ["KINDE_ISSUER_URL", "KINDE_API_AUDIENCE", "KINDE_DOMAIN", "KINDE_HOST", "KINDE_AUDIENCE"];

const DEFAULT_ADDR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
const DEFAULT_DATABASE: &str = ":memory:";
const DEFAULT_WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist");

/// The settings of the server, all of them valid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// `TODOS_ADDR`: where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// `TODOS_DB`: the database file, or `:memory:`.
    pub database: PathBuf,
    /// `TODOS_WEB`: the folder of the built front end; it need not be there.
    pub web: PathBuf,
    /// `TODOS_CLIENT_ID`: the application in Kinde that people sign in to.
    pub client_id: Option<String>,
    /// `TODOS_ALLOWED_ORIGINS`: the front ends that may call the API from a browser.
    pub origins: Vec<HeaderValue>,
    /// Who signs the tokens.
    pub issuer: Issuer,
    /// `TODOS_ISSUER_ADDR`: where the local issuer listens, if there is one; port 0 takes a free one.
    pub issuer_addr: SocketAddr,
}

/// Who signs the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Issuer {
    /// The issuer that the `KINDE_…` variables name.
    Kinde,
    /// An issuer of our own beside the server, to try it without an account.
    Local,
}

impl Settings {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    ///
    /// The first setting that cannot be used, as a sentence that names its variable.
    #[expect(clippy::disallowed_methods, reason = "the one place where the server reads its environment")]
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| std::env::var(name))
    }

    fn read(variable: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, SettingsError> {
        let text = |name| match variable(name) {
            Ok(value) if value.trim().is_empty() => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(SettingsError::NotUtf8(name)),
        };
        let addr =
            text("TODOS_ADDR")?.map_or(Ok(DEFAULT_ADDR), |value| listen_address("TODOS_ADDR", &value))?;
        let beside = SocketAddr::new(addr.ip(), 0);
        let issuer_addr = text("TODOS_ISSUER_ADDR")?.map_or(Ok(beside), |value| issuer_address(&value))?;
        let is_set = |name| !matches!(variable(name), Err(VarError::NotPresent));
        Ok(Self {
            addr,
            database: text("TODOS_DB")?.map_or_else(|| PathBuf::from(DEFAULT_DATABASE), PathBuf::from),
            web: text("TODOS_WEB")?.map_or_else(|| PathBuf::from(DEFAULT_WEB), PathBuf::from),
            client_id: text("TODOS_CLIENT_ID")?,
            origins: text("TODOS_ALLOWED_ORIGINS")?.map_or(Ok(Vec::new()), |value| origins(&value))?,
            issuer: issuer(KINDE_VARIABLES.into_iter().any(is_set), addr)?,
            issuer_addr,
        })
    }

    /// Whether the todos end with the process.
    #[must_use]
    pub fn in_memory(&self) -> bool {
        self.database.as_os_str() == DEFAULT_DATABASE
    }
}

/// Reads `127.0.0.1:3000`, `[::1]:3000` or `localhost:3000`. No other name is resolved, as its address could change after
/// the check.
fn listen_address(name: &'static str, value: &str) -> Result<SocketAddr, SettingsError> {
    let value = value.trim();
    let numeric = match value.strip_prefix("localhost:") {
        Some(port) => format!("{}:{port}", Ipv4Addr::LOCALHOST),
        None => value.to_owned(),
    };
    numeric.parse().map_err(|_| SettingsError::Address(name, value.to_owned()))
}

fn issuer_address(value: &str) -> Result<SocketAddr, SettingsError> {
    let addr = listen_address("TODOS_ISSUER_ADDR", value)?;
    addr.ip().is_loopback().then_some(addr).ok_or(SettingsError::Exposed(addr))
}

/// The printed tokens are usable by every reader of the terminal, so the server offers them to this machine only.
fn issuer(configured: bool, addr: SocketAddr) -> Result<Issuer, SettingsError> {
    match (configured, addr.ip().is_loopback()) {
        (true, _) => Ok(Issuer::Kinde),
        (false, true) => Ok(Issuer::Local),
        (false, false) => Err(SettingsError::Unconfigured(addr)),
    }
}

fn origins(value: &str) -> Result<Vec<HeaderValue>, SettingsError> {
    let words = value.split([',', ' ']).filter(|word| !word.is_empty());
    words.map(|word| origin(word).ok_or_else(|| SettingsError::Origin(word.to_owned()))).collect()
}

/// Accepts an origin only as a browser spells it: origins are compared byte for byte, and another spelling would silently
/// never match.
fn origin(word: &str) -> Option<HeaderValue> {
    let uri: Uri = word.parse().ok()?;
    let default_port = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let port = uri.port_u16().filter(|port| *port != default_port).map(|port| format!(":{port}"));
    let canonical = format!("{}://{}{}", uri.scheme_str()?, uri.host()?, port.unwrap_or_default());
    HeaderValue::from_str(word).ok().filter(|_| word == canonical.to_ascii_lowercase())
}

/// Why the server cannot start with the settings given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsError {
    /// The variable is not an address with a port.
    Address(&'static str, String),
    /// `TODOS_ISSUER_ADDR` can be reached by other machines.
    Exposed(SocketAddr),
    /// `TODOS_ALLOWED_ORIGINS` contains something that is not an origin.
    Origin(String),
    /// A variable is not text.
    NotUtf8(&'static str),
    /// No issuer is named, and the address is not this machine alone.
    Unconfigured(SocketAddr),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(name, value) => {
                write!(f, "{name} must be an IP address and a port, such as 127.0.0.1:3000, not {value:?}")
            }
            Self::Exposed(addr) => write!(
                f,
                "TODOS_ISSUER_ADDR must be a loopback address, as everyone who reaches the local issuer can be \
                 anyone there, not {addr}"
            ),
            Self::Origin(value) => write!(
                f,
                "TODOS_ALLOWED_ORIGINS must list origins as browsers send them, such as \
                 https://app.example.com or http://localhost:5173, not {value:?}"
            ),
            Self::NotUtf8(name) => write!(f, "{name} is not valid UTF-8"),
            Self::Unconfigured(addr) => write!(
                f,
                "KINDE_ISSUER_URL and KINDE_API_AUDIENCE must be set to listen on {addr}: without them the \
                 server offers test tokens, which it does on a loopback address only"
            ),
        }
    }
}

impl std::error::Error for SettingsError {}

#[cfg(test)]
mod tests;

//! The builder: required settings are arguments, all others have safe defaults.
//!
//! `validate` turns the builder into [`Settings`]. `prepare` adds the keyring: `connect` waits for its first fetch,
//! `connect_lazily` does not, and `build_with_static_keys` has a keyring that never fetches.

mod address;
mod error;

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use self::address::{is_issuer, secure_url};
pub use self::error::{ConfigError, ConfigErrorKind};
use super::cache::CacheConfig;
use super::settings::Settings;
use super::verify::Validator;
#[cfg(feature = "account-api")]
use crate::account;
use crate::audit::{Observer, SharedObserver};
#[cfg(feature = "jwks-http")]
use crate::jwks::HttpSource;
use crate::jwks::{KeyError, KeySource, Keyring, document};
use crate::rejection::{Rejection, ResponseSettings};
use crate::time::{Clock, SystemClock};
use crate::token::{Algorithm, Keys, Rules};

/// The variables for the issuer; the first one that is set counts.
const ISSUER_VARIABLES: [&str; 3] = ["KINDE_ISSUER_URL", "KINDE_DOMAIN", "KINDE_HOST"];

/// The variables for the audience; the first one that is set counts.
const AUDIENCE_VARIABLES: [&str; 2] = ["KINDE_API_AUDIENCE", "KINDE_AUDIENCE"];

/// The default of [`ValidatorBuilder::max_stale`].
const DEFAULT_MAX_STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// A shorter limit would drop good keys between two refreshes.
const MIN_STALE: Duration = Duration::from_secs(60);

/// If clocks differ by more, one of them is wrong.
const MAX_LEEWAY: Duration = Duration::from_secs(300);

/// A rule that is decided from an older answer is not live.
#[cfg(feature = "account-api")]
const MAX_LIVE_CACHE: Duration = Duration::from_secs(600);

/// Builds a [`Validator`]; created by [`Validator::builder`] or [`Validator::builder_from_env`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it is connected"]
pub struct ValidatorBuilder {
    issuer: String,
    issuer_setting: &'static str,
    audiences: Vec<String>,
    audience_setting: &'static str,
    algorithms: Vec<Algorithm>,
    leeway: Duration,
    max_lifetime: Option<Duration>,
    clients: Option<Vec<String>>,
    jwks_url: Option<String>,
    key_source: Option<Arc<dyn KeySource>>,
    max_stale: Duration,
    #[cfg(feature = "account-api")]
    live_cache: Duration,
    clock: Arc<dyn Clock>,
    response_settings: ResponseSettings,
    observer: Option<SharedObserver>,
    cache: Option<CacheConfig>,
}

impl Validator {
    /// Starts a validator from the environment, and fetches the issuer's keys.
    ///
    /// | setting | read from | form |
    /// |---|---|---|
    /// | issuer | `KINDE_ISSUER_URL`, else `KINDE_DOMAIN`, else `KINDE_HOST` | `https://your-business.kinde.com`; a missing scheme is added |
    /// | audience | `KINDE_API_AUDIENCE`, else `KINDE_AUDIENCE` | one API identifier, or several separated by spaces |
    ///
    /// # Errors
    /// A setting that is missing or wrong, or keys that could not be fetched in a few tries.
    pub async fn from_env() -> Result<Self, ConfigError> {
        Self::builder_from_env()?.connect().await
    }

    /// Creates a builder with the issuer and the audience from the environment, as [`from_env`](Self::from_env) does.
    ///
    /// # Errors
    /// A setting that is missing or empty.
    pub fn builder_from_env() -> Result<ValidatorBuilder, ConfigError> {
        ValidatorBuilder::from_settings(environment)
    }

    /// Creates a builder for tokens from `issuer` (a URL) for `audience` (the API's identifier).
    pub fn builder(issuer: impl Into<String>, audience: impl Into<String>) -> ValidatorBuilder {
        ValidatorBuilder::new(issuer.into(), audience.into())
    }
}

impl ValidatorBuilder {
    fn new(issuer: String, audience: String) -> Self {
        Self {
            issuer,
            issuer_setting: "issuer",
            audiences: vec![audience],
            audience_setting: "audience",
            algorithms: vec![Algorithm::Rs256],
            leeway: Duration::from_secs(30),
            max_lifetime: None,
            clients: None,
            jwks_url: None,
            key_source: None,
            max_stale: DEFAULT_MAX_STALE,
            #[cfg(feature = "account-api")]
            live_cache: account::DEFAULT_CACHE,
            clock: Arc::new(SystemClock),
            response_settings: ResponseSettings::default(),
            observer: None,
            cache: Some(CacheConfig::new()),
        }
    }

    /// Reads the settings by `read`, so that tests need not change the environment.
    fn from_settings(read: impl Fn(&'static str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let (issuer_setting, issuer) = first_set(&ISSUER_VARIABLES, &read)?;
        let (audience_setting, list) = first_set(&AUDIENCE_VARIABLES, &read)?;
        let audiences = list.split_whitespace().map(str::to_owned).collect();
        Ok(Self { issuer_setting, audiences, audience_setting, ..Self::new(issuer, String::new()) })
    }

    /// Accepts tokens for one more audience.
    pub fn also_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Sets the accepted algorithms; by default only RS256, which Kinde uses.
    ///
    /// A key without an `alg` is used with the one accepted algorithm of its family.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Sets the tolerated difference between the issuer's clock and this one: 30 seconds by default, at most 300.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Sets the longest accepted lifetime of a token, from `iat` to `exp`; by default there is no limit.
    pub fn max_lifetime(mut self, longest: Duration) -> Self {
        self.max_lifetime = Some(longest);
        self
    }

    /// Accepts only tokens of these clients (`azp`); by default those of any client.
    pub fn authorized_parties<T: Into<String>>(mut self, clients: impl IntoIterator<Item = T>) -> Self {
        self.clients = Some(clients.into_iter().map(Into::into).collect());
        self
    }

    /// Fetches the key set from this URL, without discovery. The URL may be on another host.
    ///
    /// `iss` must then equal the configured issuer exactly, including a trailing slash.
    pub fn jwks_url(mut self, url: impl Into<String>) -> Self {
        self.jwks_url = Some(url.into());
        self
    }

    /// Fetches the key set from a source of your own, on the same schedule as from the issuer.
    pub fn key_source(mut self, source: impl KeySource) -> Self {
        self.key_source = Some(Arc::new(source));
        self
    }

    /// Sets how long the last good key set is used while the issuer cannot be reached: 24 hours by default, at least
    /// a minute.
    pub fn max_stale(mut self, longest: Duration) -> Self {
        self.max_stale = longest;
        self
    }

    /// Sets how long an answer of Kinde's Account API is cached for its token: 60 seconds by default, at most 600. With zero,
    /// an answer is shared only by requests that wait for it together.
    ///
    /// A failure is always cached: for Kinde's `Retry-After`, between 1 s and 5 min, or else for 5 s. While Kinde limits
    /// requests (429), or fails for several organizations in a row, a single probe at a time finds out whether Kinde
    /// answers again. At most eight questions are sent at a time; with those that wait, there are at most 256. A request that
    /// is refused for one of these reasons gets a 503 with the remaining time as its `Retry-After`.
    #[cfg(feature = "account-api")]
    pub fn live_cache(mut self, longest: Duration) -> Self {
        self.live_cache = longest;
        self
    }

    /// Sets the clock, for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the limits of the cache of verified tokens; by default 10 000 tokens and 32 MiB.
    ///
    /// A cached token is accepted only if a verification would accept it: its lifetime and its key are validated on every
    /// request.
    pub fn cache(mut self, config: CacheConfig) -> Self {
        self.cache = Some(config);
        self
    }

    /// Disables the cache: every request verifies its token.
    pub fn without_cache(mut self) -> Self {
        self.cache = None;
        self
    }

    /// Leaves the missing permissions and roles out of 403 bodies.
    pub fn hide_missing(mut self) -> Self {
        self.response_settings.hide_missing = true;
        self
    }

    /// Leaves `scope="…"` out of 403 challenges.
    pub fn hide_scope(mut self) -> Self {
        self.response_settings.hide_scope = true;
        self
    }

    /// Sets a function that can replace the response of a rejection; if it returns `None`, the default is sent.
    pub fn on_rejection<F>(mut self, respond: F) -> Self
    where
        F: Fn(&Rejection) -> Option<http::Response<Bytes>> + Send + Sync + 'static,
    {
        self.response_settings.responder = Some(Arc::new(respond));
        self
    }

    /// Sets the observer, which receives every decision, for an audit log.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(SharedObserver::new(observer));
        self
    }

    /// Creates a validator with a fixed key set, the JSON text of a JWK set. The validator fetches nothing.
    ///
    /// `iss` must equal the configured issuer exactly.
    ///
    /// # Errors
    /// A setting that is wrong, or a key set without a usable key.
    pub fn build_with_static_keys(self, key_set: &str) -> Result<Validator, ConfigError> {
        if self.jwks_url.is_some() {
            return Err(conflict("jwks_url", "static keys"));
        }
        if self.key_source.is_some() {
            return Err(conflict("key_source", "static keys"));
        }
        let settings = self.validate()?;
        let keys = document::read(key_set.as_bytes(), &settings.rules.algorithms, &Keys::default())
            .map_err(|error| ConfigError::new("key_set", ConfigErrorKind::Keys(KeyError::from(&error))))?;
        let ring = Keyring::fixed(keys.keys, Arc::clone(&settings.clock));
        Ok(Validator::new(settings, ring))
    }

    /// Creates a validator, after it fetched the issuer's keys, and starts the task that refreshes them.
    ///
    /// # Errors
    /// A setting that is wrong, or keys that could not be fetched in a few tries.
    pub async fn connect(self) -> Result<Validator, ConfigError> {
        let setting = self.keys_setting();
        // `prepare` does not start the task: the first fetch is the one that `wait_for_keys` waits for.
        let (settings, ring) = self.prepare()?;
        let validator = Validator::new(settings, ring);
        match validator.wait_for_keys().await {
            Ok(()) => Ok(validator),
            Err(error) => Err(ConfigError::new(setting, ConfigErrorKind::Keys(error))),
        }
    }

    /// Creates a validator without keys. It fetches them in the background; until then, requests are answered by 503.
    ///
    /// # Errors
    /// A setting that is wrong.
    pub fn connect_lazily(self) -> Result<Validator, ConfigError> {
        let (settings, ring) = self.prepare()?;
        ring.start();
        Ok(Validator::new(settings, ring))
    }

    fn prepare(mut self) -> Result<(Settings, Keyring), ConfigError> {
        if self.jwks_url.is_some() && self.key_source.is_some() {
            return Err(conflict("jwks_url", "a key source"));
        }
        let (setting, max_stale) = (self.keys_setting(), self.max_stale);
        let (given, jwks_url) = (self.key_source.take(), self.jwks_url.take());
        let settings = self.validate()?;
        let source = match given {
            Some(source) => source,
            None => http_source(&settings.issuer, jwks_url.as_deref())
                .map_err(|kind| ConfigError::new(setting, kind))?,
        };
        let allowed = settings.rules.algorithms.clone();
        let ring = Keyring::new(source, allowed, max_stale, Arc::clone(&settings.clock));
        Ok((settings, ring))
    }

    /// Returns the setting that an error about the keys names.
    fn keys_setting(&self) -> &'static str {
        match (&self.jwks_url, &self.key_source) {
            (Some(_), _) => "jwks_url",
            (None, Some(_)) => "key_source",
            (None, None) => self.issuer_setting,
        }
    }

    /// Validates all settings, without the network.
    fn validate(self) -> Result<Settings, ConfigError> {
        let issuer = secure_url(self.issuer_setting, &self.issuer)?;
        if self.audiences.is_empty() || self.audiences.iter().any(|audience| audience.trim().is_empty()) {
            return Err(ConfigError::new(self.audience_setting, ConfigErrorKind::Empty));
        }
        if self.audiences.iter().any(|audience| is_issuer(audience.trim(), &issuer)) {
            return Err(ConfigError::new(self.audience_setting, ConfigErrorKind::IssuerAsAudience));
        }
        self.validate_options()?;
        let rules = Rules {
            audiences: self.audiences.iter().map(|audience| audience.trim().to_owned()).collect(),
            algorithms: self.algorithms,
            leeway: self.leeway,
            max_lifetime: self.max_lifetime,
            clients: self.clients,
        };
        #[cfg(feature = "account-api")]
        let account = account::AccountApi::new(&issuer, self.live_cache, &self.clock);
        let Self { clock, response_settings, observer, cache, .. } = self;
        Ok(Settings {
            issuer,
            rules,
            clock,
            responses: response_settings,
            #[cfg(feature = "account-api")]
            account,
            observer,
            cache,
        })
    }
}

impl ValidatorBuilder {
    /// Refuses options that would accept no token, or that would not have the meaning of their name.
    fn validate_options(&self) -> Result<(), ConfigError> {
        if self.leeway > MAX_LEEWAY {
            return Err(out_of_range("leeway", "at most 300 seconds"));
        }
        if self.max_stale < MIN_STALE {
            return Err(out_of_range("max_stale", "at least 60 seconds"));
        }
        if self.cache.as_ref().is_some_and(|cache| cache.max_entries == 0 || cache.max_bytes == 0) {
            return Err(out_of_range("cache", "more than zero; there is `without_cache`"));
        }
        #[cfg(feature = "account-api")]
        if self.live_cache > MAX_LIVE_CACHE {
            return Err(out_of_range("live_cache", "at most 600 seconds"));
        }
        if self.max_lifetime.is_some_and(|longest| longest.as_secs() == 0) {
            return Err(out_of_range("max_lifetime", "at least a second"));
        }
        if self.algorithms.is_empty() {
            return Err(ConfigError::new("algorithms", ConfigErrorKind::Empty));
        }
        if self.clients.as_ref().is_some_and(Vec::is_empty) {
            return Err(ConfigError::new("authorized_parties", ConfigErrorKind::Empty));
        }
        Ok(())
    }
}

#[cfg(feature = "jwks-http")]
fn http_source(issuer: &str, jwks_url: Option<&str>) -> Result<Arc<dyn KeySource>, ConfigErrorKind> {
    let source = match jwks_url {
        Some(url) => HttpSource::at(issuer, url),
        None => HttpSource::new(issuer),
    };
    Ok(Arc::new(source.map_err(ConfigErrorKind::Keys)?))
}

#[cfg(not(feature = "jwks-http"))]
fn http_source(_: &str, _: Option<&str>) -> Result<Arc<dyn KeySource>, ConfigErrorKind> {
    Err(ConfigErrorKind::NoKeySource)
}

fn conflict(setting: &'static str, other: &'static str) -> ConfigError {
    ConfigError::new(setting, ConfigErrorKind::Conflict(other))
}

fn out_of_range(setting: &'static str, range: &'static str) -> ConfigError {
    ConfigError::new(setting, ConfigErrorKind::OutOfRange(range))
}

/// Returns the first variable that is set; it must not be empty.
fn first_set(
    names: &[&'static str],
    read: impl Fn(&'static str) -> Option<OsString>,
) -> Result<(&'static str, String), ConfigError> {
    let main = names.first().copied().unwrap_or_default();
    let found = names.iter().find_map(|&name| read(name).map(|value| (name, value)));
    let (name, value) = found.ok_or(ConfigError::new(main, ConfigErrorKind::Missing))?;
    let value = value.into_string().map_err(|_| ConfigError::new(name, ConfigErrorKind::NotUnicode))?;
    match value.trim() {
        "" => Err(ConfigError::new(name, ConfigErrorKind::Empty)),
        value => Ok((name, value.to_owned())),
    }
}

/// Reads one variable of the process.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn environment(name: &'static str) -> Option<OsString> {
    std::env::var_os(name)
}

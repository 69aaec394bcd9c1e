//! What an issuer currently publishes, how it misbehaves, and how often it was asked.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::http::HeaderValue;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::keys::key_set;
use super::signin::{Mint, SCOPES, SignIn};
use super::skew::Skewed;
use super::token::USER_LIFETIME;
use super::{AccountData, Endpoint, Fault, Person, SigningKey};
use crate::time::Clock;

/// The part of an issuer that its server and its handle share.
#[derive(Debug)]
pub(super) struct State {
    settings: watch::Sender<Settings>,
    requests: watch::Sender<Requests>,
    connections: AtomicU64,
    pub(super) signin: SignIn,
    clock: Arc<dyn Clock>,
}

/// Everything a test can turn.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) signing: SigningKey,
    pub(super) published: Vec<SigningKey>,
    /// JWKs as text, because JSON values cannot repeat a member.
    pub(super) extra_jwks: Vec<String>,
    pub(super) discovery_issuer: String,
    pub(super) jwks_uri: String,
    pub(super) cache_control: Option<HeaderValue>,
    pub(super) faults: HashMap<Endpoint, Fault>,
    /// By subject; who is not here has what the token says.
    pub(super) accounts: HashMap<String, AccountData>,
    /// How many entries a page of the Account API has at most.
    pub(super) page_limit: usize,
    /// Who can sign in.
    pub(super) people: Vec<Person>,
    /// How long access tokens that people sign in for are good; `None` is Kinde's default.
    pub(super) token_life: Option<Duration>,
    /// By how many seconds the issuer's clock is ahead.
    pub(super) clock_skew: i64,
    pub(super) expired_tokens: bool,
    url: String,
    /// The issuer is gone; whoever still waits is let go.
    closed: bool,
}

/// How many requests have arrived where.
type Requests = HashMap<Endpoint, u64>;

impl State {
    pub(super) fn new(settings: Settings, signin: SignIn, clock: Arc<dyn Clock>) -> Arc<Self> {
        let requests = watch::Sender::new(Requests::default());
        let settings = watch::Sender::new(settings);
        Arc::new(Self { settings, requests, connections: AtomicU64::new(0), signin, clock })
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Settings)) {
        self.settings.send_modify(change);
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Settings) -> T) -> T {
        read(&self.settings.borrow())
    }

    /// Lets everybody go who waits for the end of a fault.
    pub(super) fn close(&self) {
        self.change(|settings| settings.closed = true);
    }

    pub(super) fn count(&self, endpoint: Endpoint) {
        self.requests.send_modify(|requests| {
            let count = requests.entry(endpoint).or_default();
            *count = count.saturating_add(1);
        });
    }

    pub(super) fn requests(&self, endpoint: Endpoint) -> u64 {
        arrived(&self.requests.borrow(), endpoint)
    }

    pub(super) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) async fn wait_for_requests(&self, endpoint: Endpoint, count: u64) {
        let mut requests = self.requests.subscribe();
        // The sender lives in `self`, so the wait cannot fail.
        let _ = requests.wait_for(|requests| arrived(requests, endpoint) >= count).await;
    }

    /// Waits as long as the fault of `endpoint` delays answers, and no longer than it is set.
    pub(super) async fn wait_out_delay(&self, endpoint: Endpoint) {
        let delay = self.read(|settings| match settings.fault(endpoint) {
            Fault::Delay(delay) => Some(*delay),
            _ => None,
        });
        let Some(delay) = delay else { return };
        let mut sleep = self.clock.sleep(delay);
        let mut over = pin!(self.wait_while(endpoint, Fault::delays));
        poll_fn(|cx| match sleep.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => over.as_mut().poll(cx),
        })
        .await;
    }

    /// Waits while the fault of `endpoint` is one that `holds`; what stops it is the next fault, or the issuer's end.
    pub(super) fn wait_while(
        &self,
        endpoint: Endpoint,
        holds: fn(&Fault) -> bool,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut settings = self.settings.subscribe();
        async move {
            let over = |settings: &Settings| settings.closed || !holds(settings.fault(endpoint));
            let _ = settings.wait_for(over).await;
        }
    }
}

impl Settings {
    pub(super) fn new(url: &str, key: SigningKey) -> Self {
        Self {
            published: vec![key.clone()],
            signing: key,
            extra_jwks: Vec::new(),
            discovery_issuer: url.to_owned(),
            jwks_uri: format!("{url}/.well-known/jwks"),
            cache_control: None,
            faults: HashMap::new(),
            accounts: HashMap::new(),
            page_limit: usize::MAX,
            people: Vec::new(),
            token_life: None,
            clock_skew: 0,
            expired_tokens: false,
            url: url.to_owned(),
            closed: false,
        }
    }

    pub(super) fn with_people(self, people: Vec<Person>) -> Self {
        Self { people, ..self }
    }

    pub(super) fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id() == id)
    }

    /// Returns what the Account API says about a user, if it is not what the user's token says.
    pub(super) fn account(&self, subject: &str) -> Option<AccountData> {
        let set = self.accounts.get(subject).cloned();
        set.or_else(|| self.people.iter().find(|person| person.sub() == subject).map(Person::account))
    }

    pub(super) fn user_token_life(&self) -> Duration {
        self.token_life.unwrap_or(USER_LIFETIME)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the page that stands for Kinde's portal.
    pub(super) fn portal(&self) -> String {
        format!("{}/dev", self.url)
    }

    /// Returns what signs tokens for people at this moment.
    pub(super) fn mint(&self, clock: &Arc<dyn Clock>) -> Mint {
        Mint {
            url: self.url.clone(),
            key: self.signing.clone(),
            clock: Skewed::by(self.clock_skew, clock),
            life: self.token_life,
            expired: self.expired_tokens,
        }
    }

    pub(super) fn fault(&self, endpoint: Endpoint) -> &Fault {
        self.faults.get(&endpoint).unwrap_or(&Fault::None)
    }

    /// Returns the document that belongs at `endpoint`, if it is the same for everybody.
    pub(super) fn document(&self, endpoint: Endpoint) -> String {
        match endpoint {
            Endpoint::Discovery => self.discovery().to_string(),
            Endpoint::Keys => self.key_set(0),
            _ => String::new(),
        }
    }

    /// Writes the key set, with copies of a key under names that no token carries before the real keys.
    pub(super) fn key_set(&self, decoys: usize) -> String {
        let decoys = (0..decoys).map(|number| self.signing.with_kid(&format!("decoy-{number}")));
        let keys = decoys.chain(self.published.iter().cloned()).map(|key| key.public_jwk().to_string());
        key_set(keys.chain(self.extra_jwks.iter().cloned()))
    }

    fn discovery(&self) -> Value {
        let url = &self.url;
        json!({
            "issuer": self.discovery_issuer,
            "jwks_uri": self.jwks_uri,
            "authorization_endpoint": format!("{url}/oauth2/auth"),
            "token_endpoint": format!("{url}/oauth2/token"),
            "userinfo_endpoint": format!("{url}/oauth2/v2/user_profile"),
            "introspection_endpoint": format!("{url}/oauth2/introspect"),
            "revocation_endpoint": format!("{url}/oauth2/revoke"),
            "end_session_endpoint": format!("{url}/logout"),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "response_modes_supported": ["query"],
            "scopes_supported": SCOPES,
            "prompt_values_supported": ["none", "login", "create"],
            "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }
}

fn arrived(requests: &Requests, endpoint: Endpoint) -> u64 {
    requests.get(&endpoint).copied().unwrap_or_default()
}

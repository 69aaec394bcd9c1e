//! The settings of an issuer that tests can change.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::HeaderValue;
use serde_json::{Value, json};

use crate::account::AccountData;
use crate::client::SCOPES;
use crate::faults::{Endpoint, Fault};
use crate::keys::{SigningKey, key_set};
use crate::person::Person;
use crate::token::USER_LIFETIME;

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
    /// By subject. For other users, the Account API repeats the token.
    pub(super) accounts: HashMap<String, AccountData>,
    /// The largest page of the Account API.
    pub(super) page_limit: usize,
    /// The people who can sign in.
    pub(super) people: Vec<Person>,
    /// The lifetime of access tokens; `None` is Kinde's default.
    pub(super) token_life: Option<Duration>,
    /// How many seconds the issuer's clock is ahead.
    pub(super) clock_skew: i64,
    pub(super) expired_tokens: bool,
    pub(super) url: String,
    /// The issuer was dropped, so no request waits any longer.
    pub(super) closed: bool,
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

    /// Returns the Account API's data about a user, or `None` if it repeats the token.
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

    /// Returns the URL of the page that stands in for Kinde's portal.
    pub(super) fn portal(&self) -> String {
        format!("{}/dev", self.url)
    }

    pub(super) fn fault(&self, endpoint: Endpoint) -> &Fault {
        self.faults.get(&endpoint).unwrap_or(&Fault::None)
    }

    /// Returns the document at `endpoint`, if it is the same for every request.
    pub(super) fn document(&self, endpoint: Endpoint) -> String {
        match endpoint {
            Endpoint::Discovery => self.discovery().to_string(),
            Endpoint::Keys => self.key_set(0),
            _ => String::new(),
        }
    }

    /// Writes the key set, with `decoys` copies of a key under unused names before the real keys.
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

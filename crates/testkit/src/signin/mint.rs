//! The tokens of people and machines, in Kinde's shapes and with the person's current rights.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::store::Grant;
use crate::client::Client;
use crate::keys::SigningKey;
use crate::person::Person;
use crate::settings::Settings;
use crate::skew::Skewed;
use crate::token::TokenBuilder;
use crate::token::{MACHINE_LIFETIME, USER_LIFETIME};
use kinde_perms::time::Clock;

/// How long an ID token lives in Kinde's default settings.
const ID_LIFE: Duration = Duration::from_secs(60 * 60);

/// The settings that the tokens of one answer share.
#[derive(Debug)]
pub(super) struct Mint {
    url: String,
    key: SigningKey,
    /// The issuer's clock, skew included.
    clock: Arc<dyn Clock>,
    /// `None` is Kinde's default, which differs between people and machines.
    life: Option<Duration>,
    /// `true` if access tokens are issued expired.
    expired: bool,
}

/// An access token, with its times and the announced lifetime.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) token: String,
    pub(super) life: Duration,
    /// The token's `iat` and `exp`.
    pub(super) from: u64,
    pub(super) until: u64,
}

impl Mint {
    /// Creates a mint with the current settings.
    pub(super) fn of(settings: &Settings, clock: &Arc<dyn Clock>) -> Self {
        Self {
            url: settings.url().to_owned(),
            key: settings.signing.clone(),
            clock: Skewed::by(settings.clock_skew, clock),
            life: settings.token_life,
            expired: settings.expired_tokens,
        }
    }

    pub(super) fn access_token(&self, grant: &Grant, person: &Person) -> Access {
        let token = person.claims(self.token(&grant.client, &grant.audiences, &grant.scopes));
        self.access(token, USER_LIFETIME)
    }

    pub(super) fn machine_token(
        &self,
        client: &Client,
        audiences: &[String],
        scopes: &BTreeSet<String>,
    ) -> Access {
        let token = self.token(client.id(), audiences, scopes).machine();
        self.access(scopes.iter().fold(token, |token, scope| token.scope(scope)), MACHINE_LIFETIME)
    }

    fn token(&self, client: &str, audiences: &[String], scopes: &BTreeSet<String>) -> TokenBuilder {
        TokenBuilder::new(&self.url, "")
            .key(&self.key)
            .clock(Arc::clone(&self.clock))
            .audiences(audiences.iter().map(String::as_str))
            .claim("azp", client)
            .claim("scp", json!(scopes))
    }

    fn access(&self, token: TokenBuilder, usual: Duration) -> Access {
        let life = self.life.unwrap_or(usual);
        let now = self.clock.unix_time();
        let (token, expires) = if self.expired {
            (token.expired(), now.saturating_sub(Duration::from_secs(60 * 60)))
        } else {
            (token.expires_in(life), now.saturating_add(life))
        };
        Access { token: token.sign(), life, from: now.as_secs(), until: expires.as_secs() }
    }

    /// Signs an ID token with the claims that the scopes allow (OpenID Connect Core §2), bound to the access token.
    pub(super) fn id_token(&self, grant: &Grant, person: &Person, access_token: &str) -> String {
        let since = grant.session.since.as_secs();
        let token = self
            .token(&grant.client, &[], &BTreeSet::new())
            .without("scp")
            .without("org_code")
            .audience(&grant.client)
            .subject(person.sub())
            .expires_in(ID_LIFE)
            .claim("at_hash", at_hash(access_token))
            .claim("auth_time", since)
            .claim("rat", since)
            .claim("org_codes", person.org_code().into_iter().collect::<Vec<_>>());
        let token = grant.nonce.iter().fold(token, |token, nonce| token.claim("nonce", nonce.as_str()));
        profile(person, &grant.scopes)
            .into_iter()
            .fold(token, |token, (name, value)| token.claim(name, value))
            .sign()
    }
}

/// Returns the claims of the scopes `profile` and `email`.
pub(super) fn profile(person: &Person, scopes: &BTreeSet<String>) -> Vec<(&'static str, Value)> {
    let mut claims = Vec::new();
    if scopes.contains("profile") {
        let (given, family) = person.names();
        claims.push(("name", json!(person.full_name())));
        claims.push(("given_name", json!(given)));
        claims.push(("family_name", json!(family)));
    }
    if scopes.contains("email") {
        claims.push(("email", json!(person.address())));
        claims.push(("email_verified", json!(true)));
        claims.push(("preferred_username", json!(person.address())));
    }
    claims
}

/// The left half of the access token's digest (OpenID Connect Core §3.1.3.6).
fn at_hash(access_token: &str) -> String {
    let hash = digest(&SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..16).unwrap_or_default())
}

//! A Kinde-compatible issuer in the same process, on loopback.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use tokio::task::JoinHandle;

use crate::account::AccountData;
use crate::control::ControlError;
use crate::faults::{Endpoint, Fault};
use crate::keys::SigningKey;
use crate::state::State;
use crate::token::TokenBuilder;
use kinde_perms::time::Clock;
use kinde_perms::{ConfigError, Validator, ValidatorBuilder};

/// An issuer that speaks real HTTP on loopback, signs tokens, and breaks on command.
///
/// It runs as a task of the current Tokio runtime and ends when it is dropped; its port is free again then. It serves
/// discovery, the key set at both of Kinde's paths and the Account API, and counts every request. People sign in to it
/// once an application is registered, as below.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use kinde_perms_testkit::{Endpoint, Fault, Issuer};
///
/// let issuer = Issuer::start().await?;
/// let validator = issuer.validator().await?;
/// let token = issuer.token().permission("create:todos").expires_in(Duration::from_secs(60)).sign();
///
/// // What has been fetched serves on when the issuer fails.
/// issuer.set_fault(Endpoint::Keys, Fault::Status(503));
/// assert!(validator.verify(&token).await.is_ok());
/// assert_eq!(issuer.requests(Endpoint::Keys), 1);
/// # Ok(())
/// # }
/// ```
///
#[doc = include_str!("signin.md")]
pub struct Issuer {
    pub(super) state: Arc<State>,
    pub(super) url: String,
    pub(super) audience: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) server: JoinHandle<()>,
}

impl Issuer {
    /// Returns the issuer's URL, without a slash at the end: the `iss` of its tokens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the audience that its tokens are for.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Begins a token, signed with the key that the issuer signs with at this moment.
    pub fn token(&self) -> TokenBuilder {
        TokenBuilder::new(&self.url, &self.audience).key(&self.signing_key()).clock(Arc::clone(&self.clock))
    }

    /// Begins a validator of this issuer's tokens, with its clock.
    pub fn validator_builder(&self) -> ValidatorBuilder {
        Validator::builder(&self.url, &self.audience).clock(Arc::clone(&self.clock))
    }

    /// Starts a validator that fetches this issuer's keys over HTTP.
    ///
    /// # Errors
    /// When a fault is set that keeps it from the keys.
    pub async fn validator(&self) -> Result<Validator, ConfigError> {
        self.validator_builder().connect().await
    }

    /// Returns the key that the issuer signs with at this moment.
    #[must_use]
    pub fn signing_key(&self) -> SigningKey {
        self.state.read(|settings| settings.signing.clone())
    }

    /// Returns the key set as it is published, whatever fault is set.
    #[must_use]
    pub fn jwks_json(&self) -> String {
        self.state.read(|settings| settings.document(Endpoint::Keys))
    }
}

/// How often the issuer was asked.
impl Issuer {
    /// Returns how many requests have arrived at `endpoint`, whether they were answered or not.
    #[must_use]
    pub fn requests(&self, endpoint: Endpoint) -> u64 {
        self.state.requests(endpoint)
    }

    /// Returns how many TCP connections the issuer has accepted.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.state.connections()
    }

    /// Waits until `count` requests in all have arrived at `endpoint`.
    pub async fn wait_for_requests(&self, endpoint: Endpoint, count: u64) {
        self.state.wait_for_requests(endpoint, count).await;
    }
}

/// What the issuer publishes.
impl Issuer {
    /// Makes a new RSA key and signs with it from now on; the old one stays published.
    ///
    /// Tokens that were begun before keep the old key.
    #[expect(clippy::must_use_candidate, reason = "the key that is returned is rarely needed")]
    pub fn rotate(&self) -> SigningKey {
        self.state.rotate()
    }

    /// Makes a new RSA key and publishes it under the `kid` of the old one, which is gone.
    #[expect(clippy::must_use_candidate, reason = "the key that is returned is rarely needed")]
    pub fn replace_key_keeping_kid(&self) -> SigningKey {
        self.state.replace_key_keeping_kid()
    }

    /// Publishes another key beside the others.
    pub fn publish(&self, key: &SigningKey) {
        self.state.change(|settings| settings.published.push(key.clone()));
    }

    /// No longer publishes the keys of this `kid`; tokens can still be signed with them.
    pub fn withdraw(&self, kid: &str) {
        self.state.change(|settings| settings.published.retain(|key| key.kid() != kid));
    }

    /// Signs with this key from now on, whether it is published or not.
    pub fn sign_with(&self, key: &SigningKey) {
        self.state.change(|settings| settings.signing = key.clone());
    }

    /// Publishes this text among the keys: a JWK of any kind, or something that is none.
    pub fn extra_jwk(&self, jwk: impl Into<String>) {
        self.state.change(|settings| settings.extra_jwks.push(jwk.into()));
    }

    /// Sets the `issuer` of the discovery document; the tokens' `iss` stays.
    pub fn set_discovery_issuer(&self, issuer: &str) {
        self.state.change(|settings| issuer.clone_into(&mut settings.discovery_issuer));
    }

    /// Sets the `jwks_uri` of the discovery document.
    pub fn set_jwks_uri(&self, jwks_uri: &str) {
        self.state.change(|settings| jwks_uri.clone_into(&mut settings.jwks_uri));
    }

    /// Sets the `Cache-Control` header of answers that have none of their own, such as the key set; those with secrets say
    /// `no-store` whatever is set.
    ///
    /// # Panics
    /// When this is not a header value.
    #[expect(clippy::expect_used, reason = "the test asks for something that HTTP cannot carry")]
    pub fn set_cache_control(&self, cache_control: &str) {
        let value = HeaderValue::try_from(cache_control).expect("a legal header value");
        self.state.change(|settings| settings.cache_control = Some(value));
    }

    /// Sets what the Account API says about the user `subject`; at first it says what the user's token says.
    pub fn set_account(&self, subject: &str, account: AccountData) {
        self.state.change(|settings| drop(settings.accounts.insert(subject.to_owned(), account)));
    }

    /// Puts at most `entries` on a page of the Account API, however many are asked for.
    pub fn set_page_limit(&self, entries: usize) {
        self.state.change(|settings| settings.page_limit = entries.max(1));
    }

    /// Makes an endpoint misbehave from now on; [`Fault::None`] ends that.
    pub fn set_fault(&self, endpoint: Endpoint, fault: Fault) {
        self.state.set_fault(endpoint, fault);
    }
}

/// What people who sign in get, from the next token on; tokens of [`Issuer::token`] are what the test makes of them.
impl Issuer {
    /// Sets how long access tokens are good, of people and of machines.
    ///
    /// # Errors
    /// For 10 s or less: Kinde's SDK renews a token 10 s before it ends, so it would do nothing else. For more than 15
    /// days, which is how long a refresh token is good.
    pub fn set_token_life(&self, life: Duration) -> Result<(), ControlError> {
        self.state.set_token_life(life)
    }

    /// Sets by how many seconds the issuer's clock is ahead: the times in its tokens are wrong by that.
    ///
    /// # Errors
    /// For more than a year.
    pub fn set_clock_skew(&self, seconds: i64) -> Result<(), ControlError> {
        self.state.set_clock_skew(seconds)
    }

    /// Gives out access tokens that expired an hour ago, while the answer announces their usual life.
    pub fn set_expired_tokens(&self, on: bool) {
        self.state.change(|settings| settings.expired_tokens = on);
    }

    /// Sets what somebody may do; a person is named as on the page.
    ///
    /// Their roles stay. The Account API says so at once, tokens from the next one on: a refresh brings it, too, where
    /// Kinde would answer with the old access token as long as it is good.
    ///
    /// # Errors
    /// When nobody has that name.
    pub fn set_permissions<K: Into<String>>(
        &self,
        person: &str,
        permissions: impl IntoIterator<Item = K>,
    ) -> Result<(), ControlError> {
        self.state.set_permissions(person, permissions.into_iter().map(Into::into).collect())
    }

    /// Ends somebody's sessions and refresh tokens.
    ///
    /// Their access tokens are good for whoever checks signatures until they end, as anywhere; introspection and the user
    /// profile, which ask the issuer, refuse them from now on.
    ///
    /// # Errors
    /// When nobody has that name.
    pub fn revoke(&self, person: &str) -> Result<(), ControlError> {
        self.state.revoke(person)
    }

    /// Makes everything as it was at the start, except for keys, accounts, the cache header and the counts of requests.
    ///
    /// No fault is set, tokens live as long as Kinde's, the clock is right, people may do what they could, and nobody is
    /// signed in.
    pub fn reset(&self) {
        self.state.reset();
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("url", &self.url)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.state.close();
        // The listener goes with this task; the connections see that it is gone, finish and close.
        self.server.abort();
    }
}

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
/// A task of the current Tokio runtime serves the issuer; dropping the issuer ends the task and frees the port. The
/// issuer serves discovery, the key set at both of Kinde's paths and the Account API, and counts every request. People
/// can sign in once an application is registered, as below.
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
/// // The validator keeps the fetched keys while the issuer fails.
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

    /// Returns the audience of the issuer's tokens.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Creates a builder for a token that the current signing key signs.
    pub fn token(&self) -> TokenBuilder {
        TokenBuilder::new(&self.url, &self.audience).key(&self.signing_key()).clock(Arc::clone(&self.clock))
    }

    /// Creates a builder for a validator of this issuer's tokens, with the issuer's clock.
    pub fn validator_builder(&self) -> ValidatorBuilder {
        Validator::builder(&self.url, &self.audience).clock(Arc::clone(&self.clock))
    }

    /// Creates a validator that fetches this issuer's keys over HTTP.
    ///
    /// # Errors
    /// When a fault keeps the validator from fetching the keys.
    pub async fn validator(&self) -> Result<Validator, ConfigError> {
        self.validator_builder().connect().await
    }

    /// Returns the current signing key.
    #[must_use]
    pub fn signing_key(&self) -> SigningKey {
        self.state.read(|settings| settings.signing.clone())
    }

    /// Returns the published key set, regardless of faults.
    #[must_use]
    pub fn jwks_json(&self) -> String {
        self.state.read(|settings| settings.document(Endpoint::Keys))
    }
}

/// Counts of requests and connections.
impl Issuer {
    /// Returns how many requests have arrived at `endpoint`, answered or not.
    #[must_use]
    pub fn requests(&self, endpoint: Endpoint) -> u64 {
        self.state.requests(endpoint)
    }

    /// Returns how many TCP connections the issuer has accepted.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.state.connections()
    }

    /// Waits until [`requests`](Self::requests) of `endpoint` reaches `count`.
    pub async fn wait_for_requests(&self, endpoint: Endpoint, count: u64) {
        self.state.wait_for_requests(endpoint, count).await;
    }
}

/// Keys, documents and faults.
impl Issuer {
    /// Creates a key of the same algorithm and signs with it from now on; the old key stays published.
    ///
    /// Token builders that exist already keep the old key.
    #[expect(clippy::must_use_candidate, reason = "the key that is returned is rarely needed")]
    pub fn rotate(&self) -> SigningKey {
        self.state.rotate()
    }

    /// Creates a key of the same algorithm and publishes it in place of the old key, under the same `kid`.
    #[expect(clippy::must_use_candidate, reason = "the key that is returned is rarely needed")]
    pub fn replace_key_keeping_kid(&self) -> SigningKey {
        self.state.replace_key_keeping_kid()
    }

    /// Publishes another key beside the others.
    pub fn publish(&self, key: &SigningKey) {
        self.state.change(|settings| settings.published.push(key.clone()));
    }

    /// Stops publishing the keys of this `kid`; tokens can still be signed with them.
    pub fn withdraw(&self, kid: &str) {
        self.state.change(|settings| settings.published.retain(|key| key.kid() != kid));
    }

    /// Signs with this key from now on, published or not.
    pub fn sign_with(&self, key: &SigningKey) {
        self.state.change(|settings| settings.signing = key.clone());
    }

    /// Adds this text to the published keys: a JWK of any kind, or text that is no JWK.
    pub fn extra_jwk(&self, jwk: impl Into<String>) {
        self.state.change(|settings| settings.extra_jwks.push(jwk.into()));
    }

    /// Sets the `issuer` of the discovery document; the `iss` of tokens is unchanged.
    pub fn set_discovery_issuer(&self, issuer: &str) {
        self.state.change(|settings| issuer.clone_into(&mut settings.discovery_issuer));
    }

    /// Sets the `jwks_uri` of the discovery document.
    pub fn set_jwks_uri(&self, jwks_uri: &str) {
        self.state.change(|settings| jwks_uri.clone_into(&mut settings.jwks_uri));
    }

    /// Sets the default `Cache-Control` header of answers, such as the key set. Answers with secrets keep `no-store`.
    ///
    /// # Panics
    /// When this is not a header value.
    #[expect(clippy::expect_used, reason = "the test asks for something that HTTP cannot carry")]
    pub fn set_cache_control(&self, cache_control: &str) {
        let value = HeaderValue::try_from(cache_control).expect("a legal header value");
        self.state.change(|settings| settings.cache_control = Some(value));
    }

    /// Sets the answers of the Account API about the user `subject`. By default they repeat the user's token.
    pub fn set_account(&self, subject: &str, account: AccountData) {
        self.state.change(|settings| drop(settings.accounts.insert(subject.to_owned(), account)));
    }

    /// Limits pages of the Account API to `entries`, even if a request asks for more.
    pub fn set_page_limit(&self, entries: usize) {
        self.state.change(|settings| settings.page_limit = entries.max(1));
    }

    /// Makes an endpoint misbehave from now on; [`Fault::None`] ends that.
    pub fn set_fault(&self, endpoint: Endpoint, fault: Fault) {
        self.state.set_fault(endpoint, fault);
    }
}

/// Tokens that people get by signing in. Builders from [`Issuer::token`] are not affected.
impl Issuer {
    /// Sets the lifetime of access tokens, for people and for machines.
    ///
    /// # Errors
    /// For 10 s or less, because Kinde's SDK renews a token 10 s before it expires and would renew without end. For
    /// more than 15 days, the lifetime of a refresh token.
    pub fn set_token_life(&self, life: Duration) -> Result<(), ControlError> {
        self.state.set_token_life(life)
    }

    /// Sets how many seconds the issuer's clock is ahead, which shifts the times in its tokens.
    ///
    /// # Errors
    /// For more than a year.
    pub fn set_clock_skew(&self, seconds: i64) -> Result<(), ControlError> {
        self.state.set_clock_skew(seconds)
    }

    /// Issues access tokens that expired an hour ago, while `expires_in` still announces the usual lifetime.
    pub fn set_expired_tokens(&self, on: bool) {
        self.state.change(|settings| settings.expired_tokens = on);
    }

    /// Sets the permissions of a person; `person` is the id on the sign-in page.
    ///
    /// The person's roles stay. The Account API answers with the new permissions at once, and new tokens carry them. A
    /// refresh carries them, too, whereas Kinde answers with the old access token until it expires.
    ///
    /// # Errors
    /// When no person has this id.
    pub fn set_permissions<K: Into<String>>(
        &self,
        person: &str,
        permissions: impl IntoIterator<Item = K>,
    ) -> Result<(), ControlError> {
        self.state.set_permissions(person, permissions.into_iter().map(Into::into).collect())
    }

    /// Ends a person's sessions and refresh tokens.
    ///
    /// APIs that only check signatures accept the person's access tokens until they expire. Introspection and the user
    /// profile refuse them from now on.
    ///
    /// # Errors
    /// When no person has this id.
    pub fn revoke(&self, person: &str) -> Result<(), ControlError> {
        self.state.revoke(person)
    }

    /// Resets the issuer, except for keys, accounts, the cache header and the request counts.
    ///
    /// Faults end, token lifetimes and the clock are the defaults, people have their original permissions, and nobody
    /// is signed in.
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
        // The task owns the listener. Open connections notice its end, finish and close.
        self.server.abort();
    }
}

//! Verification of a token, in this order:
//!
//! 1. `cached_or_else` looks the token up in the cache. A hit counts if it holds in the present [`VerifyContext`].
//! 2. `verify_uncached` parses the token, and verifies its signature with the key of its `kid`.
//! 3. `accept` validates the claims by `Rules::accept`; `cached_or_else` then stores them in the cache.
//!
//! In step 2 the key may be missing, or replaced under its id. If the token `could_pass` with another key, it becomes
//! [`Pending`]. `verify_after_fetch` then waits for that key, looks in the cache again, and does the rest with the key.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::cache::{self, Cache, CacheStats, Verified, VerifyContext};
use super::refusal::{Pending, Refusal};
use super::settings::Settings;
#[cfg(feature = "account-api")]
use crate::account::{Account, AccountApi};
use crate::audit::SharedObserver;
use crate::claims::{Claims, Registered};
use crate::jwks::{CurrentKeys, Health, KeyError, Keyring, Lookup, LookupFailure};
use crate::rejection::{Reason, Rejection, ResponseSettings, VerifyError};
use crate::time::Clock;
use crate::token::{KeyEntry, MAX_TOKEN_BYTES, Rules, Signed, TokenError, Unverified};

/// The longest payload that is read after a bad signature. Kinde's tokens are rarely longer.
const MAX_PAYLOAD_AFTER_SIGNATURE: usize = 4 * 1024;

/// Verifies access tokens of one issuer for one API; cheap to clone.
///
/// A validator keeps the issuer's keys and refreshes them in the background. Guards take it from the router's state: use
/// it as the state, or as a field of the state.
///
/// ```no_run
/// # async fn start() -> Result<(), kinde_perms::ConfigError> {
/// // Reads KINDE_ISSUER_URL and KINDE_API_AUDIENCE.
/// let validator = kinde_perms::Validator::from_env().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Validator(Arc<Inner>);

struct Inner {
    id: ValidatorId,
    /// The configured issuer.
    issuer: String,
    rules: Rules,
    ring: Keyring,
    clock: Arc<dyn Clock>,
    response_settings: Arc<ResponseSettings>,
    #[cfg(feature = "account-api")]
    account: Arc<AccountApi>,
    observer: Option<SharedObserver>,
    cache: Option<Cache>,
}

/// The identity of a validator, unique in the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ValidatorId(u64);

impl ValidatorId {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Validator {
    pub(crate) fn new(settings: Settings, ring: Keyring) -> Self {
        Self(Arc::new(Inner {
            id: ValidatorId::next(),
            issuer: settings.issuer,
            rules: settings.rules,
            ring,
            cache: settings.cache.as_ref().and_then(Cache::new),
            clock: settings.clock,
            response_settings: Arc::new(settings.responses),
            #[cfg(feature = "account-api")]
            account: settings.account,
            observer: settings.observer,
        }))
    }

    /// Verifies a token and returns its claims.
    ///
    /// `verify` waits only for a key that is unknown and worth a fetch, and then at most 2 seconds.
    ///
    /// # Errors
    /// [`VerifyError::Token`] if the token is not valid, [`VerifyError::Keys`] if its key is not available.
    #[must_use = "a token whose refusal is dropped is as good as any: write `validator.verify(&token).await?`"]
    pub async fn verify(&self, token: &str) -> Result<Claims, VerifyError> {
        match self.verify_now(token) {
            Ok(claims) => Ok(claims),
            Err(Refusal::Final(error)) => Err(error),
            Err(Refusal::Pending(pending)) => self.verify_after_fetch(*pending).await,
        }
    }

    /// Returns the claims of a cached token with exactly these bytes, if `verify` would still accept it now.
    pub(crate) fn recall(&self, candidate: &[u8]) -> Option<Claims> {
        let cache = self.0.cache_for(candidate)?;
        self.0.recall(cache, &cache.lookup(candidate))
    }

    /// Returns `true` if [`recall`](Self::recall) is cheap: it compares the token and computes no digest.
    pub(crate) fn recalls_at_once(&self) -> bool {
        self.0.cache.as_ref().is_some_and(Cache::compares_text)
    }

    /// Verifies a token with the cache and the present keys, without waiting.
    pub(crate) fn verify_now<'t>(&self, token: &'t str) -> Result<Claims, Refusal<'t>> {
        self.0.cached_or_else(token, || self.0.verify_uncached(token))
    }

    /// Waits for the missing key, then completes the verification.
    pub(crate) async fn verify_after_fetch(&self, pending: Pending<'_>) -> Result<Claims, VerifyError> {
        let Pending { token, unverified, failed_generation } = pending;
        let inner = &self.0;
        let entry = match failed_generation {
            Some(generation) => {
                let replaced = inner.ring.report_bad_signature(unverified.kid(), generation);
                replaced.await.ok_or(TokenError::InvalidSignature)?
            }
            None => match inner.ring.find(unverified.kid()).await {
                Lookup::Found(entry) => entry,
                Lookup::Failed(failure) => return Err(inner.missing_key(failure)),
            },
        };
        inner.cached_or_else(token, || match unverified.verify(entry.key()) {
            Ok(signed) => inner.accept(signed, &entry, &inner.ring.current()),
            Err((error, _)) => Err(error.into()),
        })
    }

    /// Verifies a token and returns the user's account, whose methods ask Kinde.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify).
    #[cfg(feature = "account-api")]
    pub async fn account(&self, token: &str) -> Result<Account, VerifyError> {
        let claims = self.verify(token).await?;
        Ok(self.account_of(claims, token))
    }

    /// Call only with the token of these claims.
    #[cfg(feature = "account-api")]
    pub(crate) fn account_of(&self, claims: Claims, token: &str) -> Account {
        Account::new(&self.0.account, claims, token)
    }

    /// Waits for the first keys.
    pub(crate) async fn wait_for_keys(&self) -> Result<(), KeyError> {
        self.0.ring.connect().await
    }

    /// Returns the issuer that `iss` must equal: that of the discovery document, else the configured one.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.0.ring.current().issuer().unwrap_or(&self.0.issuer).to_owned()
    }

    /// Returns the identifiers of the API. The `aud` of a token must contain one of them.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.0.rules.audiences
    }

    /// Removes every token from the cache, so that each is verified again.
    ///
    /// You need not call this when keys change or tokens expire: the cache does not use such tokens.
    pub fn clear_cache(&self) {
        if let Some(cache) = &self.0.cache {
            cache.clear();
        }
    }

    /// Returns the statistics of the cache; `None` if the validator has no cache.
    #[must_use]
    pub fn cache_stats(&self) -> Option<CacheStats> {
        self.0.cache.as_ref().map(Cache::stats)
    }

    /// Returns the health of the keys, for a readiness probe.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.ring.health()
    }

    /// Fetches the keys now, regardless of the schedule; does nothing if the key set is fixed.
    ///
    /// # Errors
    /// The reason why the fetch failed. The last good keys are kept.
    pub async fn refresh_now(&self) -> Result<(), KeyError> {
        self.0.ring.refresh_now().await
    }

    /// Ends the background refresh. The present keys are used until they are too old.
    pub async fn shutdown(&self) {
        self.0.ring.shutdown().await;
    }

    /// Creates a rejection with the response settings of this validator, and records it.
    #[cold]
    pub(crate) fn reject(&self, reason: Reason) -> Rejection {
        let rejection = Rejection::new(reason, &self.0.response_settings);
        rejection.record();
        rejection
    }

    /// Returns `true` if this validator, or a clone, made the rejection.
    #[cfg(feature = "axum")]
    pub(crate) fn has_made(&self, rejection: &Rejection) -> bool {
        rejection.was_created_with(&self.0.response_settings)
    }

    /// Returns the observer of decisions.
    pub(crate) fn observer(&self) -> Option<&SharedObserver> {
        self.0.observer.as_ref()
    }

    /// Returns the key id in the header of a token. Trust it only after the token was verified.
    pub(crate) fn key_id(&self, token: &str) -> Option<String> {
        let unverified = Unverified::parse(token, &self.0.rules.algorithms).ok()?;
        Some(unverified.kid().to_owned())
    }

    pub(crate) fn id(&self) -> ValidatorId {
        self.0.id
    }
}

impl Inner {
    /// Returns the claims of a cached token, if they still hold, else the result of `verify`, which it stores.
    fn cached_or_else<E>(
        &self,
        token: &str,
        verify: impl FnOnce() -> Result<Verified, E>,
    ) -> Result<Claims, E> {
        let Some(cache) = self.cache_for(token.as_bytes()) else {
            return verify().map(Verified::into_claims);
        };
        let lookup = cache.lookup(token.as_bytes());
        if let Some(claims) = self.recall(cache, &lookup) {
            return Ok(claims);
        }
        cache.count_miss();
        let verified = verify()?;
        let claims = verified.claims().clone();
        self.with_context(|context| cache.store(&lookup, verified, context));
        Ok(claims)
    }

    /// Returns the cache; `None` if there is none, or the candidate is longer than any token.
    fn cache_for(&self, candidate: &[u8]) -> Option<&Cache> {
        self.cache.as_ref().filter(|_| candidate.len() <= MAX_TOKEN_BYTES)
    }

    fn recall(&self, cache: &Cache, lookup: &cache::TokenLookup<'_>) -> Option<Claims> {
        cache.recall(lookup, |verified| self.with_context(|context| verified.holds(context)))
    }

    fn with_context<T>(&self, use_context: impl FnOnce(&VerifyContext<'_>) -> T) -> T {
        let current = self.ring.current();
        let issuer = current.issuer().unwrap_or(&self.issuer);
        let now = self.clock.unix_time().as_secs();
        use_context(&VerifyContext { keys: current.keys(), issuer, rules: &self.rules, now })
    }

    /// Verifies a token that is not in the cache.
    ///
    /// The payload is read if the signature is good, or to decide whether the token is worth a fetch.
    fn verify_uncached<'t>(&self, token: &'t str) -> Result<Verified, Refusal<'t>> {
        let unverified = Unverified::parse(token, &self.rules.algorithms)?;
        let current = self.ring.current();
        let Some(entry) = current.keys().and_then(|keys| keys.get(unverified.kid())) else {
            return Err(match self.ring.failure_without_fetch(unverified.kid()) {
                Some(failure) => self.missing_key(failure).into(),
                None if self.could_pass(&unverified) => Pending::refuse(token, unverified, None),
                None => TokenError::UnknownKey.into(),
            });
        };
        let generation = entry.generation();
        match unverified.verify(entry.key()) {
            Ok(signed) => Ok(self.accept(signed, entry, &current)?),
            Err((TokenError::InvalidSignature, unverified))
                if self.ring.may_replace(unverified.kid(), generation)
                    && self.could_pass_with_other_key(&unverified) =>
            {
                Err(Pending::refuse(token, unverified, Some(generation)))
            }
            Err((error, _)) => Err(error.into()),
        }
    }

    /// Returns `true` if a token with a bad signature [could pass](Self::could_pass) with another key of the same id.
    ///
    /// A long payload is not read: the token has already cost a signature check, and an attacker could cause both costs. A
    /// shorter token, or the next refresh, finds the other key.
    fn could_pass_with_other_key(&self, unverified: &Unverified<'_>) -> bool {
        unverified.unverified_payload().len() <= MAX_PAYLOAD_AFTER_SIGNATURE && self.could_pass(unverified)
    }

    /// Validates the claims of a token with a good signature.
    fn accept(
        &self,
        signed: Signed,
        entry: &KeyEntry,
        current: &CurrentKeys,
    ) -> Result<Verified, VerifyError> {
        let issuer = current.issuer().unwrap_or(&self.issuer);
        let claims = self.rules.accept(signed, issuer, self.clock.unix_time())?;
        Ok(Verified::new(claims, entry.generation()))
    }

    /// Returns `true` if a token would be accepted if its signature were good.
    ///
    /// Only such a token is worth a fetch, because anyone can make up a key id.
    fn could_pass(&self, unverified: &Unverified<'_>) -> bool {
        let Ok(claims) = Registered::glance(unverified.unverified_payload()) else { return false };
        let current = self.ring.current();
        let passes = |issuer: &str| self.rules.validate(&claims, issuer, self.clock.unix_time()).is_ok();
        passes(current.issuer().unwrap_or(&self.issuer))
            || (current.issuer().is_none() && passes(&self.other_spelling()))
    }

    /// Returns the issuer without its trailing slash, or with one: before discovery, either spelling may be right.
    fn other_spelling(&self) -> String {
        self.issuer.strip_suffix('/').map_or_else(|| format!("{}/", self.issuer), str::to_owned)
    }

    /// Returns the error for a token whose key is missing.
    fn missing_key(&self, failure: LookupFailure) -> VerifyError {
        match failure {
            LookupFailure::UnknownKey => TokenError::UnknownKey.into(),
            LookupFailure::Unavailable { retry_after } => {
                let error = self.ring.health().last_error().cloned().unwrap_or(KeyError::Busy);
                VerifyError::Keys { error, retry_after }
            }
        }
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator").field("rules", &self.0.rules).finish_non_exhaustive()
    }
}

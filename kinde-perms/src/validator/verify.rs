//! From a token string to claims.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;

use super::cache::{self, Cache, CacheStats, Ground, Verified};
use super::refusal::{Pending, Refusal};
use super::settings::Settings;
#[cfg(feature = "account-api")]
use crate::account::{Account, AccountApi};
use crate::audit::SharedObserver;
use crate::claims::{Claims, Registered};
use crate::jwks::{CurrentKeys, Health, KeyError, Keyring, Lookup, LookupFailure};
use crate::rejection::{Presentation, Reason, Rejection, VerifyError};
use crate::time::Clock;
use crate::token::{Header, KeyEntry, MAX_TOKEN_BYTES, Rules, Signed, TokenError, Unverified};

/// The longest payload that is read although its signature is bad. Kinde's tokens are rarely longer.
const MAX_PAYLOAD_AFTER_SIGNATURE: usize = 4 * 1024;

/// Verifies access tokens of one issuer for one API; cheap to clone.
///
/// It holds the issuer's keys, keeps them fresh in the background, and is where a router's guards find them: use it as
/// the state of the router, or as a field of that state.
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
    /// The issuer as it was given.
    issuer: String,
    rules: Rules,
    ring: Keyring,
    clock: Arc<dyn Clock>,
    presentation: Arc<Presentation>,
    #[cfg(feature = "account-api")]
    account: Arc<AccountApi>,
    observer: Option<SharedObserver>,
    cache: Option<Cache>,
    /// The header of the token that was verified last.
    header: ArcSwapOption<Header>,
}

/// Tells validators apart, for the lifetime of the process.
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
            presentation: Arc::new(settings.presentation),
            #[cfg(feature = "account-api")]
            account: settings.account,
            observer: settings.observer,
            header: ArcSwapOption::empty(),
        }))
    }

    /// Verifies a token and returns its claims.
    ///
    /// It waits only when the token's key is unknown and worth a fetch: then up to 2 seconds.
    ///
    /// # Errors
    /// [`VerifyError::Token`] if the token is at fault, [`VerifyError::Keys`] if the keys are not at hand.
    #[must_use = "a token whose refusal is dropped is as good as any: write `validator.verify(&token).await?`"]
    pub async fn verify(&self, token: &str) -> Result<Claims, VerifyError> {
        match self.verify_now(token) {
            Ok(claims) => Ok(claims),
            Err(Refusal::Final(error)) => Err(error),
            Err(Refusal::Pending(pending)) => self.verify_after_fetch(*pending).await,
        }
    }

    /// Returns the claims of what was verified before as a token, byte for byte, if a verification would accept it now.
    pub(crate) fn recall(&self, candidate: &[u8]) -> Option<Claims> {
        let cache = self.0.cache_for(candidate)?;
        self.0.recall(cache, &cache.lookup(candidate))
    }

    /// Tells whether to [recall](Self::recall) is cheap: a token that is known is compared, and neither verified nor
    /// digested.
    pub(crate) fn recalls_at_once(&self) -> bool {
        self.0.cache.as_ref().is_some_and(Cache::compares_text)
    }

    /// Verifies with the keys at hand.
    pub(crate) fn verify_now<'t>(&self, token: &'t str) -> Result<Claims, Refusal<'t>> {
        self.0.remembered_or(token, || self.0.check(token))
    }

    /// Waits for the key that a verification lacks, and completes it.
    pub(crate) async fn verify_after_fetch(&self, pending: Pending<'_>) -> Result<Claims, VerifyError> {
        let Pending { token, unverified, misfit } = pending;
        let inner = &self.0;
        let entry = match misfit {
            Some(generation) => {
                let replaced = inner.ring.report_bad_signature(unverified.kid(), generation);
                replaced.await.ok_or(TokenError::InvalidSignature)?
            }
            None => match inner.ring.find(unverified.kid()).await {
                Lookup::Found(entry) => entry,
                Lookup::Failed(failure) => return Err(inner.lacking(failure)),
            },
        };
        inner.remembered_or(token, || match unverified.verify(entry.key()) {
            Ok(signed) => inner.accept(signed, &entry, &inner.ring.current()),
            Err((error, _)) => Err(error.into()),
        })
    }

    /// Verifies a token and returns the user's account, which tells what Kinde says now.
    ///
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// What [`verify`](Self::verify) says.
    #[cfg(feature = "account-api")]
    pub async fn account(&self, token: &str) -> Result<Account, VerifyError> {
        let claims = self.verify(token).await?;
        Ok(self.account_of(claims, token))
    }

    /// To be called with a token whose claims these are.
    #[cfg(feature = "account-api")]
    pub(crate) fn account_of(&self, claims: Claims, token: &str) -> Account {
        Account::new(&self.0.account, claims, token)
    }

    /// Waits for the first keys; a validator that never had any has no use.
    pub(crate) async fn wait_for_keys(&self) -> Result<(), KeyError> {
        self.0.ring.connect().await
    }

    /// Returns the issuer as the `iss` of a token must spell it: what discovery says, else what was configured.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.0.ring.current().issuer().unwrap_or(&self.0.issuer).to_owned()
    }

    /// Returns the identifiers of the API, one of which the `aud` of a token must contain.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.0.rules.audiences
    }

    /// Forgets every verified token, so that each is verified anew.
    ///
    /// There is no need to call this when keys change or tokens expire: what is remembered is not used then.
    pub fn clear_cache(&self) {
        if let Some(cache) = &self.0.cache {
            cache.clear();
        }
    }

    /// Returns what the cache of verified tokens holds and has done; `None` if the validator was built without one.
    #[must_use]
    pub fn cache_stats(&self) -> Option<CacheStats> {
        self.0.cache.as_ref().map(Cache::stats)
    }

    /// Returns how the keys are doing, for a readiness probe.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.ring.health()
    }

    /// Fetches the keys now, whatever the schedule says; a fixed key set is left alone.
    ///
    /// # Errors
    /// Why the fetch failed. The last good keys are kept.
    pub async fn refresh_now(&self) -> Result<(), KeyError> {
        self.0.ring.refresh_now().await
    }

    /// Ends the background refresh; the keys at hand are used on until they are too old.
    pub async fn shutdown(&self) {
        self.0.ring.shutdown().await;
    }

    /// Makes a rejection that is shown as this validator is configured to, and records it.
    #[cold]
    pub(crate) fn reject(&self, reason: Reason) -> Rejection {
        let rejection = Rejection::new(reason, &self.0.presentation);
        rejection.record();
        rejection
    }

    /// Returns `true` if this validator, or a clone, made the rejection.
    #[cfg(feature = "axum")]
    pub(crate) fn has_made(&self, rejection: &Rejection) -> bool {
        rejection.is_shown_by(&self.0.presentation)
    }

    /// Returns who is to be told of decisions.
    pub(crate) fn observer(&self) -> Option<&SharedObserver> {
        self.0.observer.as_ref()
    }

    /// Returns the key id that a token names; to be trusted once the token has been verified.
    pub(crate) fn key_id(&self, token: &str) -> Option<String> {
        let unverified = Unverified::parse(token, &self.0.rules.algorithms, None).ok()?;
        Some(unverified.kid().to_owned())
    }

    pub(crate) fn id(&self) -> ValidatorId {
        self.0.id
    }
}

impl Inner {
    /// Returns the claims of a token that was verified before, if they still hold; else what `check` makes of it.
    fn remembered_or<E>(
        &self,
        token: &str,
        check: impl FnOnce() -> Result<Verified, E>,
    ) -> Result<Claims, E> {
        let Some(cache) = self.cache_for(token.as_bytes()) else {
            return check().map(Verified::into_claims);
        };
        let lookup = cache.lookup(token.as_bytes());
        if let Some(claims) = self.recall(cache, &lookup) {
            return Ok(claims);
        }
        cache.miss();
        let verified = check()?;
        let claims = verified.claims().clone();
        self.on_ground(|ground| cache.remember(&lookup, verified, ground));
        Ok(claims)
    }

    /// The cache, unless nothing of this length is worth looking up.
    fn cache_for(&self, candidate: &[u8]) -> Option<&Cache> {
        self.cache.as_ref().filter(|_| candidate.len() <= MAX_TOKEN_BYTES)
    }

    fn recall(&self, cache: &Cache, lookup: &cache::Lookup<'_>) -> Option<Claims> {
        cache.recall(lookup, |verified| self.on_ground(|ground| verified.holds(ground)))
    }

    fn on_ground<T>(&self, judge: impl FnOnce(&Ground<'_>) -> T) -> T {
        let current = self.ring.current();
        let issuer = current.issuer().unwrap_or(&self.issuer);
        let now = self.clock.unix_time().as_secs();
        judge(&Ground { keys: current.keys(), issuer, rules: &self.rules, now })
    }

    /// Verifies with the keys at hand. The payload is read once its signature is good, or if a fetch may make it so.
    fn check<'t>(&self, token: &'t str) -> Result<Verified, Refusal<'t>> {
        let known = self.header.load();
        let unverified = Unverified::parse(token, &self.rules.algorithms, known.as_ref())?;
        let current = self.ring.current();
        let Some(entry) = current.keys().and_then(|keys| keys.get(unverified.kid())) else {
            return Err(match self.ring.failure_without_fetch(unverified.kid()) {
                Some(failure) => self.lacking(failure).into(),
                None if self.could_pass(&unverified) => Pending::refuse(token, unverified, None),
                None => TokenError::UnknownKey.into(),
            });
        };
        let generation = entry.generation();
        match unverified.verify(entry.key()) {
            Ok(signed) => Ok(self.accept(signed, entry, &current)?),
            Err((TokenError::InvalidSignature, unverified))
                if self.ring.may_replace(unverified.kid(), generation) && self.is_worth_more(&unverified) =>
            {
                Err(Pending::refuse(token, unverified, Some(generation)))
            }
            Err((error, _)) => Err(error.into()),
        }
    }

    /// Returns `true` if a token whose signature was bad [could pass](Self::could_pass) by another key of the same id.
    ///
    /// The signature was checked already, so a long payload is not read as well: that would be both costs for each piece of
    /// rubbish. A shorter token, or the next refresh, finds the other key.
    fn is_worth_more(&self, unverified: &Unverified<'_>) -> bool {
        unverified.unverified_payload().len() <= MAX_PAYLOAD_AFTER_SIGNATURE && self.could_pass(unverified)
    }

    /// Judges what a token with a good signature says.
    fn accept(
        &self,
        signed: Signed,
        entry: &KeyEntry,
        current: &CurrentKeys,
    ) -> Result<Verified, VerifyError> {
        let issuer = current.issuer().unwrap_or(&self.issuer);
        let header = Arc::clone(signed.header());
        let claims = self.rules.accept(signed, issuer, self.clock.unix_time())?;
        self.note(&header);
        Ok(Verified::new(claims, entry.generation()))
    }

    /// Keeps the header of a token that was good, for the next one.
    fn note(&self, header: &Arc<Header>) {
        let is_noted = self.header.load().as_ref().is_some_and(|noted| Arc::ptr_eq(noted, header));
        if !is_noted {
            self.header.store(Some(Arc::clone(header)));
        }
    }

    /// Returns `true` if a token that nothing vouches for would be accepted if its signature were good. Only such a token is
    /// worth a fetch: anyone can write down any key id.
    fn could_pass(&self, unverified: &Unverified<'_>) -> bool {
        let Ok(claims) = Registered::glance(unverified.unverified_payload()) else { return false };
        let current = self.ring.current();
        let passes = |issuer: &str| self.rules.validate(&claims, issuer, self.clock.unix_time()).is_ok();
        passes(current.issuer().unwrap_or(&self.issuer))
            || (current.issuer().is_none() && passes(&self.other_spelling()))
    }

    /// Before discovery has told, the issuer may be spelt with or without the trailing slash.
    fn other_spelling(&self) -> String {
        self.issuer.strip_suffix('/').map_or_else(|| format!("{}/", self.issuer), str::to_owned)
    }

    /// Why a token is refused whose key is not at hand.
    fn lacking(&self, failure: LookupFailure) -> VerifyError {
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

//! What Kinde says about a user now: the Account API, asked with the user's own token.
//!
//! A token tells what held when it was issued. Where that is not enough, a rule asks Kinde: always about billing
//! entitlements, which no token carries, and about permissions, roles and flags in `live([…])`. It asks
//!
//! - the issuer that was configured, never the one that a token names: whoever could choose the address would be sent
//!   the token;
//! - only with a token that has been verified, and only if the token alone leaves the rule open;
//! - once per token and kind of thing at a time, however many requests wait for it, and not again for the time that
//!   [`ValidatorBuilder::live_cache`](crate::ValidatorBuilder::live_cache) sets, or until the failure is over;
//! - eight questions at a time, and none while Kinde limits requests or is down: see `admission` and `breaker`.
//!
//! An answer is at most 20 pages of 512 KiB and 10 s away, and so is the decision of a rule, whatever it has to ask. What
//! fails is a [`LiveError`], and a 503: neither a grant nor a refusal.

mod admission;
mod breaker;
mod cache;
mod client;
mod error;
mod events;
mod known;
mod retry_after;
mod types;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::error::{LiveError, LiveErrorKind};
pub use self::types::{Entitlement, Entitlements, HeldEntitlement, LivePermissions, LiveRoles, Plan};

use self::admission::Admission;
use self::breaker::Asker;
use self::cache::Cache;
use self::client::AccountClient;
use self::known::Known;
use crate::claims::{Claims, FeatureFlags};
use crate::policy::{AnyRule, Decision, Kind, Outcome};
use crate::time::Clock;
use crate::token::Digest;

/// How long an answer is used unless the settings say otherwise.
pub(crate) const DEFAULT_CACHE: Duration = Duration::from_secs(60);

/// The Account API of one issuer, with what it has answered lately.
#[derive(Debug)]
pub(crate) struct AccountApi {
    client: Arc<AccountClient>,
    admission: Arc<Admission>,
    permissions: Arc<Cache<LivePermissions>>,
    roles: Arc<Cache<LiveRoles>>,
    flags: Arc<Cache<FeatureFlags>>,
    entitlements: Arc<Cache<Entitlements>>,
    single: Arc<Cache<HeldEntitlement>>,
}

impl AccountApi {
    pub(crate) fn new(issuer: &str, cached_for: Duration, clock: &Arc<dyn Clock>) -> Arc<Self> {
        let admission = Admission::new(clock);
        Arc::new(Self {
            client: Arc::new(AccountClient::new(issuer, clock)),
            permissions: Cache::new(cached_for, &admission),
            roles: Cache::new(cached_for, &admission),
            flags: Cache::new(cached_for, &admission),
            entitlements: Cache::new(cached_for, &admission),
            single: Cache::new(cached_for, &admission),
            admission,
        })
    }
}

/// The user's account at Kinde, as it is now rather than when the token was issued.
///
/// It is had from a verified token, by [`Validator::account`](crate::Validator::account) or as an Axum extractor. Every
/// answer serialises as Kinde's own SDK gives it with `forceApi`, and is shared and kept for a short time: see
/// [`ValidatorBuilder::live_cache`](crate::ValidatorBuilder::live_cache).
///
/// ```no_run
/// # async fn show(account: kinde_perms::Account) -> Result<(), kinde_perms::LiveError> {
/// if account.entitlements().await?.contains("Pro plan") {
///     println!("thank you");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Account {
    api: Arc<AccountApi>,
    claims: Claims,
    token: Arc<str>,
    asker: Asker,
}

impl Account {
    /// To be called with a token whose claims these are.
    pub(crate) fn new(api: &Arc<AccountApi>, claims: Claims, token: &str) -> Self {
        let asker = asker(&claims, token);
        Self { api: Arc::clone(api), claims, token: token.into(), asker }
    }

    /// Returns what the token says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Asks for the user's permissions.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn permissions(&self) -> Result<Arc<LivePermissions>, LiveError> {
        let (client, token) = self.asking();
        self.api
            .permissions
            .get(self.asker, "", async move { client.pages("permissions", &token).await })
            .await
    }

    /// Asks for the user's roles.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn roles(&self) -> Result<Arc<LiveRoles>, LiveError> {
        let (client, token) = self.asking();
        self.api.roles.get(self.asker, "", async move { client.pages("roles", &token).await }).await
    }

    /// Asks for the feature flags as the user has them.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn feature_flags(&self) -> Result<Arc<FeatureFlags>, LiveError> {
        let (client, token) = self.asking();
        let ask =
            async move { client.pages::<wire::Flags>("feature_flags", &token).await.map(FeatureFlags::from) };
        self.api.flags.get(self.asker, "", ask).await
    }

    /// Asks for what the user's organisation has subscribed to.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn entitlements(&self) -> Result<Arc<Entitlements>, LiveError> {
        let (client, token) = self.asking();
        self.api
            .entitlements
            .get(self.asker, "", async move { client.pages("entitlements", &token).await })
            .await
    }

    /// Asks for one entitlement, by the key of its feature.
    ///
    /// # Errors
    /// Why there is no answer; [`LiveErrorKind::Status`] 404 if there is no such feature.
    pub async fn entitlement(&self, feature_key: &str) -> Result<Arc<HeldEntitlement>, LiveError> {
        let (client, token) = self.asking();
        let path = format!("entitlement/{}", client::encoded(feature_key));
        self.api.single.get(self.asker, feature_key, async move { client.one(&path, &token).await }).await
    }

    /// Returns whether a rule of any kind holds; asks only if the token leaves the answer open.
    ///
    /// # Errors
    /// Why there is no answer: then the rule neither holds nor fails.
    pub async fn has<R: AnyRule>(&self, rule: &R) -> Result<bool, LiveError> {
        self.decide(rule).await.map(|decision| decision.is_allow())
    }

    /// Decides a rule, and asks only for what the answer depends on; all questions together take 10 s at most.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn decide<R: AnyRule>(&self, rule: &R) -> Result<Decision, LiveError> {
        let known = Known::of(&self.claims);
        match rule.lent().outcome(&known) {
            Outcome::Holds => Ok(Decision::Allow),
            Outcome::Fails => Ok(Decision::Deny(rule.lent().denied(&known))),
            Outcome::Open(kind) => {
                // Asking holds a request's buffers; deciding without it does not pay for them.
                self.api.admission.in_time(Box::pin(self.ask(rule, known, kind))).await
            }
        }
    }

    /// Asks for one thing after the other, until they decide the rule.
    async fn ask<R: AnyRule>(
        &self,
        rule: &R,
        mut known: Known<'_>,
        mut next: Kind,
    ) -> Result<Decision, LiveError> {
        loop {
            match next {
                Kind::Permissions => known.permissions = Some(self.permissions().await?),
                Kind::Roles => known.roles = Some(self.roles().await?),
                Kind::FeatureFlags => known.flags = Some(self.feature_flags().await?),
                Kind::Entitlements => known.entitlements = Some(self.entitlements().await?),
                // What the Account API does not tell is never asked, and so never open.
                _ => return Ok(Decision::Deny(rule.lent().denied(&known))),
            }
            next = match rule.lent().outcome(&known) {
                Outcome::Holds => return Ok(Decision::Allow),
                Outcome::Fails => return Ok(Decision::Deny(rule.lent().denied(&known))),
                Outcome::Open(kind) => kind,
            };
        }
    }

    fn asking(&self) -> (Arc<AccountClient>, Arc<str>) {
        (Arc::clone(&self.api.client), Arc::clone(&self.token))
    }
}

/// Returns who asks with this token; a user without an organization, or a program, fails for nobody else.
fn asker(claims: &Claims, token: &str) -> Asker {
    let user = claims.subject().or(claims.authorized_party()).unwrap_or(token);
    let [token, user, organization] =
        [token, user, claims.org_code().unwrap_or(user)].map(|text| Digest::of(text.as_bytes()));
    Asker { token, user, organization }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("claims", &self.claims).finish_non_exhaustive()
    }
}

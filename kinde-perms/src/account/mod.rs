//! The Account API of Kinde, called with the user's own token.
//!
//! A token has the rights of the user at the time of its issue. A rule calls Kinde for the present ones: for billing
//! entitlements, which no token carries, and for permissions, roles and flags in `live([…])`.
//!
//! - The call goes to the configured issuer, never to one that a token names: that host would receive the token.
//! - Only a verified token is sent, and only if the token alone does not decide the rule.
//! - There is one call at a time per token and kind of answer; all requests wait for it. The answer is kept for the time that
//!   [`ValidatorBuilder::live_cache`](crate::ValidatorBuilder::live_cache) sets, a failure until its wait is over (`cache`).
//! - At most eight calls run at a time, and none while Kinde limits the rate or is down (`admission` and `breaker`).
//!
//! An answer has at most 20 pages of 512 KiB and takes at most 10 s, and so do all calls of a rule together. A failure is a
//! [`LiveError`] and becomes a 503: neither a grant nor a refusal.

mod admission;
mod breaker;
mod cache;
mod client;
mod error;
mod events;
mod live_facts;
mod retry_after;
mod types;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::error::{LiveError, LiveErrorKind};
pub use self::types::{Entitlement, Entitlements, HeldEntitlement, LivePermissions, LiveRoles, Plan};

use self::admission::Admission;
use self::breaker::CallerId;
use self::cache::AnswerCache;
use self::client::AccountClient;
use self::live_facts::LiveFacts;
use crate::claims::{Claims, FeatureFlags};
use crate::policy::{AnyRule, Decision, Kind, Outcome};
use crate::time::Clock;
use crate::token::Digest;

/// The default time for which an answer is kept.
pub(crate) const DEFAULT_CACHE: Duration = Duration::from_secs(60);

/// The Account API of one issuer, with its recent answers.
#[derive(Debug)]
pub(crate) struct AccountApi {
    client: Arc<AccountClient>,
    admission: Arc<Admission>,
    permissions: Arc<AnswerCache<LivePermissions>>,
    roles: Arc<AnswerCache<LiveRoles>>,
    flags: Arc<AnswerCache<FeatureFlags>>,
    entitlements: Arc<AnswerCache<Entitlements>>,
    single: Arc<AnswerCache<HeldEntitlement>>,
}

impl AccountApi {
    pub(crate) fn new(issuer: &str, cached_for: Duration, clock: &Arc<dyn Clock>) -> Arc<Self> {
        let admission = Admission::new(clock);
        Arc::new(Self {
            client: Arc::new(AccountClient::new(issuer, clock)),
            permissions: AnswerCache::new(cached_for, &admission),
            roles: AnswerCache::new(cached_for, &admission),
            flags: AnswerCache::new(cached_for, &admission),
            entitlements: AnswerCache::new(cached_for, &admission),
            single: AnswerCache::new(cached_for, &admission),
            admission,
        })
    }
}

/// The user's account at Kinde, as it is now, not as it was when the token was issued.
///
/// [`Validator::account`](crate::Validator::account) and the Axum extractor create it from a verified token. Every answer
/// serializes to the form in which Kinde's own SDK returns it with `forceApi`. Requests share an answer, which is kept for
/// the time that [`ValidatorBuilder::live_cache`](crate::ValidatorBuilder::live_cache) sets.
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
    caller: CallerId,
}

impl Account {
    /// Creates an account. `claims` must be those of `token`.
    pub(crate) fn new(api: &Arc<AccountApi>, claims: Claims, token: &str) -> Self {
        let caller = caller(&claims, token);
        Self { api: Arc::clone(api), claims, token: token.into(), caller }
    }

    /// Returns the claims of the token.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Returns the user's permissions.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn permissions(&self) -> Result<Arc<LivePermissions>, LiveError> {
        let (client, token) = self.call_parts();
        self.api
            .permissions
            .get(self.caller, "", async move { client.list("permissions", &token).await })
            .await
    }

    /// Returns the user's roles.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn roles(&self) -> Result<Arc<LiveRoles>, LiveError> {
        let (client, token) = self.call_parts();
        self.api.roles.get(self.caller, "", async move { client.list("roles", &token).await }).await
    }

    /// Returns the feature flags with their values for the user.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn feature_flags(&self) -> Result<Arc<FeatureFlags>, LiveError> {
        let (client, token) = self.call_parts();
        let call = async move {
            client.list::<wire::FlagsData>("feature_flags", &token).await.map(FeatureFlags::from)
        };
        self.api.flags.get(self.caller, "", call).await
    }

    /// Returns the plans and entitlements of the user's organization.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn entitlements(&self) -> Result<Arc<Entitlements>, LiveError> {
        let (client, token) = self.call_parts();
        self.api
            .entitlements
            .get(self.caller, "", async move { client.list("entitlements", &token).await })
            .await
    }

    /// Returns one entitlement, by the key of its feature.
    ///
    /// # Errors
    /// The error of the call; [`LiveErrorKind::Status`] 404 if there is no such feature.
    pub async fn entitlement(&self, feature_key: &str) -> Result<Arc<HeldEntitlement>, LiveError> {
        let (client, token) = self.call_parts();
        let path = format!("entitlement/{}", client::encoded(feature_key));
        self.api.single.get(self.caller, feature_key, async move { client.item(&path, &token).await }).await
    }

    /// Returns `true` if a rule of any kind holds. Kinde is called only if the token alone does not decide the rule.
    ///
    /// # Errors
    /// The error of a call: then the rule neither holds nor fails.
    pub async fn has<R: AnyRule>(&self, rule: &R) -> Result<bool, LiveError> {
        self.decide(rule).await.map(|decision| decision.is_allow())
    }

    /// Decides a rule. Kinde is called only for facts that the decision depends on; all calls together take 10 s at most.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn decide<R: AnyRule>(&self, rule: &R) -> Result<Decision, LiveError> {
        let facts = LiveFacts::of(&self.claims);
        match rule.as_rule_ref().outcome(&facts) {
            Outcome::Holds => Ok(Decision::Allow),
            Outcome::Fails => Ok(Decision::Deny(rule.as_rule_ref().denied(&facts))),
            Outcome::Open(kind) => {
                // Boxed, because the future of the calls is large and most rules are decided without one.
                self.api.admission.within_deadline(Box::pin(self.decide_by_calls(rule, facts, kind))).await
            }
        }
    }

    /// Requests one fact after the other, until they decide the rule.
    async fn decide_by_calls<R: AnyRule>(
        &self,
        rule: &R,
        mut facts: LiveFacts<'_>,
        mut next: Kind,
    ) -> Result<Decision, LiveError> {
        loop {
            match next {
                Kind::Permissions => facts.permissions = Some(self.permissions().await?),
                Kind::Roles => facts.roles = Some(self.roles().await?),
                Kind::FeatureFlags => facts.flags = Some(self.feature_flags().await?),
                Kind::Entitlements => facts.entitlements = Some(self.entitlements().await?),
                // The Account API has no endpoint for the other kinds, so they are never open.
                _ => return Ok(Decision::Deny(rule.as_rule_ref().denied(&facts))),
            }
            next = match rule.as_rule_ref().outcome(&facts) {
                Outcome::Holds => return Ok(Decision::Allow),
                Outcome::Fails => return Ok(Decision::Deny(rule.as_rule_ref().denied(&facts))),
                Outcome::Open(kind) => kind,
            };
        }
    }

    fn call_parts(&self) -> (Arc<AccountClient>, Arc<str>) {
        (Arc::clone(&self.api.client), Arc::clone(&self.token))
    }
}

/// Returns the caller of a token. A user without an organization and a machine are an organization of their own, so their
/// failures affect no other caller.
fn caller(claims: &Claims, token: &str) -> CallerId {
    let user = claims.subject().or(claims.authorized_party()).unwrap_or(token);
    let [token, user, organization] =
        [token, user, claims.org_code().unwrap_or(user)].map(|text| Digest::of(text.as_bytes()));
    CallerId { token, user, organization }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("claims", &self.claims).finish_non_exhaustive()
    }
}

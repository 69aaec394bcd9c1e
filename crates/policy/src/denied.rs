//! The refusal of a rule, as text and as data.
//!
//! `explain` makes a [`Denied`] of [`Missing`] reasons. Their order puts the reasons that a grant in Kinde cures first.
//! `Display` writes one clause for each variant of [`Missing`], separately for the token and the account. `problem`
//! writes the same reasons as JSON.

use std::cmp::Ordering;
use std::fmt;

use super::fact::{Fact, Leaf, Source};
use super::facts::ClaimFault;
use super::kinds::Kind;

/// One reason why a token does not satisfy a rule. Reasons name facts of the rule, never other facts that the token holds.
///
/// Reasons that a grant in Kinde cures are ordered first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Missing {
    /// The token lacks this fact. A flag is lacked if it is absent or has another value of the same type. If the source is
    /// [`Live`](Source::Live), the account lacks the fact, regardless of the token.
    Lacking(Fact<String>),
    /// The token holds a fact that the rule excludes.
    Withheld(Fact<String>),
    /// The flag has a value of another JSON type than the rule compares with, so it is neither held nor lacked.
    Incomparable(Fact<String>),
    /// The claim that decides a fact of the rule cannot be used, so the fact is neither held nor lacked.
    ClaimUnknown {
        /// Kinde's name for the claim.
        claim: &'static str,
        /// The reason why the claim cannot be used.
        fault: ClaimFault,
    },
}

impl Missing {
    /// Returns the fact of `Lacking`.
    pub(super) fn as_lacking(&self) -> Option<Leaf<'_>> {
        match self {
            Self::Lacking(fact) => Some(fact.as_leaf()),
            _ => None,
        }
    }

    /// Returns the fact of the reason; `None` for `ClaimUnknown`.
    fn fact(&self) -> Option<&Fact<String>> {
        match self {
            Self::Lacking(fact) | Self::Withheld(fact) | Self::Incomparable(fact) => Some(fact),
            Self::ClaimUnknown { .. } => None,
        }
    }

    /// Returns the rank in the order of reasons. A grant cures rank 0, another token (of another organization, say)
    /// cures rank 1, and taking a right away cures rank 2. Ranks 3 and 4 are unknown facts.
    fn rank(&self) -> u8 {
        match self {
            Self::Lacking(fact) => u8::from(!fact.kind.is_grantable()),
            Self::Withheld(_) => 2,
            Self::Incomparable(_) => 3,
            Self::ClaimUnknown { .. } => 4,
        }
    }

    /// Returns the fact of `Withheld`.
    pub(super) fn as_withheld(&self) -> Option<Leaf<'_>> {
        match self {
            Self::Withheld(fact) => Some(fact.as_leaf()),
            _ => None,
        }
    }

    /// Returns the flag of `Incomparable`.
    pub(super) fn as_incomparable(&self) -> Option<Leaf<'_>> {
        match self {
            Self::Incomparable(fact) => Some(fact.as_leaf()),
            _ => None,
        }
    }

    /// Returns `true` if Kinde was not asked.
    pub(super) fn is_unasked(&self) -> bool {
        matches!(self, Self::ClaimUnknown { fault: ClaimFault::NotAsked, .. })
    }

    /// Returns the claim and fault of `ClaimUnknown`.
    pub(super) fn as_unknown(&self) -> Option<(&'static str, ClaimFault)> {
        match self {
            Self::ClaimUnknown { claim, fault } => Some((claim, *fault)),
            _ => None,
        }
    }
}

impl Ord for Missing {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            // Facts of one kind have one rank, and most are of one kind.
            (Self::Lacking(fact), Self::Lacking(other)) if fact.kind == other.kind => {
                let sources = fact.source.cmp(&other.source);
                sources.then_with(|| fact.key.cmp(&other.key)).then_with(|| fact.value.cmp(&other.value))
            }
            _ => self.rank().cmp(&other.rank()).then_with(|| match (self.fact(), other.fact()) {
                (Some(fact), Some(other)) => fact.cmp(other),
                _ => self.as_unknown().cmp(&other.as_unknown()),
            }),
        }
    }
}

impl PartialOrd for Missing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The refusal of a rule: the reasons why the token does not satisfy it.
///
/// If a rule has alternatives (`any`), the refusal names the smallest set of reasons whose cure satisfies the whole
/// rule. Among sets of one size, reasons that a grant can cure come first, then the order of [`Missing`] decides. At
/// most 16 ways to meet a part of the rule are compared.
///
/// `Display` writes one line, for logs and for the caller: ``token lacks permission `delete:todos` and role `admin` ``,
/// `token carries no roles claim`. A refusal serializes to one JSON object for problem bodies. Its members have the words of
/// the rule language, and empty members are left out:
///
/// ```json
/// {
///   "permissions": ["delete:todos"], "roles": ["admin"], "scopes": ["write"],
///   "feature_flags": [{"name": "beta"}, {"name": "seats", "value": 5}],
///   "billing_entitlements": ["Pro plan"],
///   "org": ["org_1"], "principal": ["machine"],
///   "withheld": {"roles": ["guest"]},
///   "incomparable": {"feature_flags": [{"name": "theme", "value": "dark"}]},
///   "unknown_claims": {"roles": "absent", "permissions": "malformed"}
/// }
/// ```
///
/// Facts of the token and of the account are listed together, by kind. `withheld` lists facts that the token holds and the
/// rule excludes. `incomparable` lists flags whose value has another JSON type than the rule compares with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    missing: Vec<Missing>,
}

impl Denied {
    pub(super) const fn new(missing: Vec<Missing>) -> Self {
        Self { missing }
    }

    /// Returns the reasons, sorted, without duplicates; empty only if no token can satisfy the rule.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Returns the missing permissions and scopes: the `scope` attribute of a challenge (RFC 6750 §3).
    ///
    /// Each is a well-formed scope token, so they can be joined by spaces within quotation marks.
    pub fn missing_scopes(&self) -> impl Iterator<Item = &str> {
        self.missing.iter().filter_map(|missing| match missing {
            Missing::Lacking(Fact { kind: kind @ (Kind::Permissions | Kind::Scopes), key, .. })
                if kind.check(key).is_ok() =>
            {
                Some(key.as_str())
            }
            _ => None,
        })
    }

    pub(super) fn lacking(&self) -> impl Iterator<Item = Leaf<'_>> {
        self.missing.iter().filter_map(Missing::as_lacking)
    }

    pub(super) fn withheld(&self) -> impl Iterator<Item = Leaf<'_>> {
        self.missing.iter().filter_map(Missing::as_withheld)
    }

    pub(super) fn incomparable(&self) -> impl Iterator<Item = Leaf<'_>> {
        self.missing.iter().filter_map(Missing::as_incomparable)
    }

    /// Returns the clauses of the message.
    fn clauses(&self) -> Vec<String> {
        let lacking = clauses_of(self.lacking(), |who, facts| format!("{who} lacks {facts}"));
        let withheld =
            clauses_of(self.withheld(), |who, facts| format!("{who} holds {facts}, which the rule excludes"));
        let incomparable = clauses_of(self.incomparable(), |who, facts| {
            format!("{who} has another type of value for {facts}")
        });
        let unknown = self.missing.iter().filter_map(Missing::as_unknown).map(|(claim, fault)| match fault {
            ClaimFault::Absent => format!("token carries no {claim} claim"),
            ClaimFault::Malformed => format!("token carries a malformed {claim} claim"),
            ClaimFault::NotAsked => format!("kinde was not asked about {claim}"),
        });
        lacking.chain(withheld).chain(incomparable).chain(unknown).collect()
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.clauses() {
            clauses if clauses.is_empty() => f.write_str("no token can satisfy this rule"),
            clauses => f.write_str(&clauses.join("; ")),
        }
    }
}

impl std::error::Error for Denied {}

/// Converts a refusal into the error type of a guarded function; only macro output calls it.
#[doc(hidden)]
#[must_use]
pub fn refused<E: From<Denied>>(denied: Denied) -> E {
    E::from(denied)
}

/// Joins facts as in a sentence: `a`, `a and b`, `a, b and c`.
fn series<'a>(facts: impl Iterator<Item = Leaf<'a>>) -> Option<String> {
    let mut words: Vec<String> = facts.map(|fact| fact.to_string()).collect();
    let last = words.pop()?;
    Some(if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) })
}

/// Returns up to two clauses: one for facts of the token, one for facts of the account.
fn clauses_of<'a>(
    facts: impl Iterator<Item = Leaf<'a>>,
    clause: impl Fn(&str, String) -> String,
) -> impl Iterator<Item = String> {
    let (asked, held): (Vec<_>, Vec<_>) = facts.partition(|fact| fact.source == Source::Live);
    let parts = [("token", series(held.into_iter())), ("account", series(asked.into_iter()))];
    parts.into_iter().filter_map(move |(who, facts)| facts.map(|facts| clause(who, facts)))
}

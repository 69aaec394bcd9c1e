//! Rules, which are a crate of their own: the names that users know, and those that the runtime alone uses.

#[cfg(feature = "account-api")]
pub use kinde_perms_policy::{AnyRule, LiveRequirement};
pub use kinde_perms_policy::{
    ClaimFault, Decision, Denied, Fact, FlagLiteral, KeyFault, Kind, Leaf, Literal, Manifest, ManifestEntry,
    ManifestRole, Missing, Principal, Requirement, Rule, RuleError, RuleFault, Source, TokenRule,
};

pub(crate) use kinde_perms_policy::shared::{Facts, Outcome, Standing, assume, for_each_fact, widen};

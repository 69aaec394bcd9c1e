//! Rules, which are a crate of their own: the names that users know, and those that the runtime alone uses.

#[cfg(feature = "account-api")]
pub use kinde_perms_policy::{AnyRule, LiveRequirement};
pub use kinde_perms_policy::{
    ClaimFault, Decision, Denied, Fact, FlagLiteral, KeyFault, Leaf, Literal, Live, Manifest, ManifestEntry,
    ManifestRole, Missing, Principal, Requirement, Rule, RuleError, RuleFault, TokenRule,
};

pub(crate) use kinde_perms_policy::shared::{
    Facts, Outcome, Resource, Standing, assume, for_each_fact, widen,
};

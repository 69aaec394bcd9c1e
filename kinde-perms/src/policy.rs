//! Rules and decisions: the types of the crate `kinde-perms-policy`.
//!
//! A [`Requirement`] is a rule that a macro compiled. A [`Rule`] is a rule at run time, for example one read from text:
//!
//! ```
//! use kinde_perms::policy::{Rule, RuleError};
//!
//! let rule: Rule = r#"permissions = ["delete:todos"], roles = ["admin"]"#.parse()?;
//! assert_eq!(rule.to_string(), r#"permissions = ["delete:todos"], roles = ["admin"]"#);
//! # Ok::<(), RuleError>(())
//! ```

#[cfg(feature = "account-api")]
pub use kinde_perms_policy::{AnyRule, LiveRequirement};
pub use kinde_perms_policy::{
    ClaimFault, Decision, Denied, Fact, FlagLiteral, KeyFault, Kind, Leaf, Literal, Manifest, ManifestEntry,
    ManifestRole, Missing, Principal, Requirement, Rule, RuleError, RuleFault, Source, TokenRule,
};

pub(crate) use kinde_perms_policy::shared::{Facts, Outcome, Standing, assume, for_each_fact, widen};

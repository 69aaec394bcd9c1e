//! Comparison of the facts of a rule with a manifest.
//!
//! `impossible` checks a fact of a rule. The program calls `undeclared` and `mistyped` for the claims of tokens that it makes.
//! Each returns the message of a fault, or `None`.

use super::model::{FlagType, ManifestFile};
use super::words;
use crate::fact::Leaf;
use crate::kinds::{Kind, Shape};

impl ManifestFile {
    /// Returns the reason why no token can hold a fact, as far as the manifest tells.
    pub fn impossible(&self, file: &str, fact: &Leaf<'_>) -> Option<String> {
        let undeclared = self.undeclared(file, fact.kind, fact.key);
        undeclared.or_else(|| match &fact.value {
            _ if fact.kind.shape() != Shape::Values => None,
            Some(value) => self.mistyped(file, fact.key, FlagType::of(value)),
            None => self.never_true(file, fact.key),
        })
    }

    /// Returns a message if the key is not declared in `file`, with a suggestion.
    pub fn undeclared(&self, file: &str, kind: Kind, key: &str) -> Option<String> {
        let section = kind.section().filter(|_| self.must_declare(kind) && self.find(kind, key).is_none())?;
        let unknown = format!("unknown {} `{key}`", section.noun);
        let mut sections = Kind::in_manifest().filter_map(|other| Some((other, other.section()?)));
        let elsewhere = sections.find(|(other, _)| self.find(*other, key).is_some());
        Some(if let Some(near) = words::closest(key, &self.keys(kind)) {
            format!("{unknown}; did you mean `{near}`? It is not declared in {file}")
        } else if let Some((_, other)) = elsewhere {
            format!("{unknown}; {file} declares a {} of this name", other.noun)
        } else {
            format!(
                "{unknown}; it is not declared in {file}: add it to `[{}]` if it exists in Kinde",
                section.name
            )
        })
    }

    /// Returns a message if the flag has another type in `file`. A flag never equals a value of another type.
    pub fn mistyped(&self, file: &str, key: &str, asked: FlagType) -> Option<String> {
        let declared = self.find(Kind::FeatureFlags, key)?.flag_type?;
        (declared != asked).then(|| {
            let (declared, asked) = (declared.noun(), asked.noun());
            format!("the feature flag `{key}` is {declared} in {file}, so it never equals {asked}")
        })
    }

    /// Returns a message if a flag that a rule names alone, for `true`, is not a boolean in `file`.
    fn never_true(&self, file: &str, key: &str) -> Option<String> {
        let declared = self.find(Kind::FeatureFlags, key)?.flag_type?;
        (declared != FlagType::Boolean).then(|| {
            let (declared, value) = (declared.noun(), declared.example());
            format!(
                "the feature flag `{key}` is {declared} in {file}, so it is never `true`, as a flag named alone must be: \
                 write `{key:?} = {value}`, with the value you mean"
            )
        })
    }
}

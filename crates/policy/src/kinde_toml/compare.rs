//! What a rule asks for, compared with a manifest.

use super::model::{FlagType, ManifestFile};
use super::words;
use crate::fact::Leaf;
use crate::kinds::{Kind, Shape};

impl ManifestFile {
    /// Says why a fact that a rule asks for can never be, if the manifest knows.
    pub fn impossible(&self, file: &str, fact: &Leaf<'_>) -> Option<String> {
        let undeclared = self.undeclared(file, fact.kind, fact.key);
        undeclared.or_else(|| match &fact.value {
            _ if fact.kind.shape() != Shape::Values => None,
            Some(value) => self.mistyped(file, fact.key, FlagType::of(value)),
            None => self.never_true(file, fact.key),
        })
    }

    /// Says that a key is not declared in `file`, and what was probably meant.
    pub fn undeclared(&self, file: &str, kind: Kind, key: &str) -> Option<String> {
        let section = kind.section().filter(|_| self.governs(kind) && self.find(kind, key).is_none())?;
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

    /// Says that a flag has another type in `file`: one of one type never equals a value of another.
    pub fn mistyped(&self, file: &str, key: &str, asked: FlagType) -> Option<String> {
        let declared = self.find(Kind::FeatureFlags, key)?.flag_type?;
        (declared != asked).then(|| {
            let (declared, asked) = (declared.noun(), asked.noun());
            format!("the feature flag `{key}` is {declared} in {file}, so it never equals {asked}")
        })
    }

    /// Says that a flag that is named alone is declared in `file` with a type of which no value is `true`.
    pub fn never_true(&self, file: &str, key: &str) -> Option<String> {
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
